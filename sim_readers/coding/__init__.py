"""How values are laid out in the bytes of a file: digits, texts, networks, switches, places; shared by `files/`."""
