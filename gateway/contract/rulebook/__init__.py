"""What a contract says, section by section: each file reads one part of ``config/contracts/<name>.toml``."""
