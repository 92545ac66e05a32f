"""What assets show in Dagster: figures over the years, charts, columns, links to the code.

Belongs here: metadata of assets. Does not: the figures (results/), the HTML report (report/), terminal tables (commands/).
Nothing is imported here.

Where to look:

* what the button Plots draws, such as headcount: a number of each materialization (`materialization.py`), made by
  results/facts.py from the one list of figures (results/measures.py);
* charts and tables over the years on a fact table's page: `fact_history.py`; the page of the asset `warehouse`:
  `overview.py`; how both are drawn: `charts.py`;
* an asset's columns: `column_metadata.py`; its code: `code_links.py`.
"""
