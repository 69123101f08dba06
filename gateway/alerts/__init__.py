"""Usage in, messages out: what is counted, when somebody is told of it, and how the telling is made sure."""
