"""Reader: does a passage answer, and how sure is that?"""
