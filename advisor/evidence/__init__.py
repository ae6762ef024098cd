"""The measurements, and the queries that rules and rounds make of them."""
