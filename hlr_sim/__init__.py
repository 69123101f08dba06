"""The far end, simulated: HLR/HSS, SMSC and what a phone would get; the gateway never imports it."""
