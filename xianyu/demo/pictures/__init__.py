"""Illustrations of things for sale, drawn by the program."""
