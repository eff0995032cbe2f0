"""Rules as data: conditions, items, criteria, orders of dates, and what conditions come to."""
