"""What is on the shelf: SIMs and numbers, their states, and the vault that keeps the SIMs' secrets."""
