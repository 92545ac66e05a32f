"""What assets show in Dagster: figures over the years, charts, columns, links to the code.

Belongs here: metadata of assets. Does not: the figures (results/), the HTML report (report/), terminal tables (commands/).
Nothing is imported here.
"""
