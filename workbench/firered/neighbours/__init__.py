"""Near duplicates, Sec. 2.2.1 level 1: candidates by hash and by vector, and clusters of what was checked.

`hashes.search` and `vectors.search` write candidates (rows `Neighbour`), the operator `neighbour_check` lays
their pixels over each other, `clusters.update` joins what passed. Each looks only at what is new since its
last call, and writes in one transaction, so a kill costs one call and nothing is written twice.
"""
