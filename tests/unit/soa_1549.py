"""Rates as SOA table 1549 prints them: age, completed service, and the two ages to the nearest birthday that meet there."""

#: Age 18 at the last birthday is half 18 and half 19 to the nearest; the table has .3964 and .2023 below two years.
PRINTED = [
    (18, 0, (0.3964, 0.2023)),
    (20, 3, (0.1419, 0.1819)),
    (22, 7, (0.1500, 0.1509)),
    (28, 12, (0.0875, 0.0521)),
]
