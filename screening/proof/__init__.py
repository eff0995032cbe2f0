"""Proofs and explanations over decision diagrams. Standard library only; values in, values out."""
