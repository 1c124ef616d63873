"""Headers of float32 tables as NumPy writes them, and a whole small file. Writes npy_header.json.

Run: python3 test/golden/npy_header.py (needs numpy).
"""
import io
import json
import pathlib

import numpy as np

SHAPES = [(0, 110), (1, 1), (2, 3), (9, 110), (10000, 110), (1000000, 110), (123456789, 110)]
SMALL = 6


def entry(rows, columns):
    head = io.BytesIO()
    np.lib.format.write_array_header_1_0(head, {"descr": "<f4", "fortran_order": False, "shape": (rows, columns)})
    whole = ""
    if 0 < rows * columns <= SMALL:
        file = io.BytesIO()
        np.save(file, (np.arange(rows * columns) / 3).astype("<f4").reshape(rows, columns))
        whole = file.getvalue().hex()
    return {"rows": rows, "columns": columns, "header": head.getvalue().hex(), "file": whole}


target = pathlib.Path(__file__).with_suffix(".json")
target.write_text(json.dumps([entry(*shape) for shape in SHAPES], indent=1) + "\n")
