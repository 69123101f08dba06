"""What went over the contacts: masked before it goes anywhere, then to files, to people and to Wireshark."""
