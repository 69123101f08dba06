"""``linegate card …``: the technician's commands, at a station with readers."""
