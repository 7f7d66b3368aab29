"""The pictures in the documents, taken of a site on which a small talk goes on."""
