"""Numbers that come and go: what is said to the clearing house, what it tells, and the day itself.

A line is the truth about its own port; the ``ports`` table follows it (``gateway.orders.ports``) and holds what the
other side knows. Whatever is to be said next follows from one row of it, and everything said is repeatable: a gateway
stopped anywhere goes on as if it had not been.
"""
