"""OPEN: one file here is one kind of reader; ``sim_readers/reader.py`` says what it exports."""
