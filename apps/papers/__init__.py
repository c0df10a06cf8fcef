"""Papers: what people print, sign by hand, file and hand to an inspector, as PDF.

Lays out what it is given; it reads no table, decides nothing and never says who may have a paper.
"""
