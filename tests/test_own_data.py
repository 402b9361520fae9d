"""A learner's file or paste: the right numbers, and what was understood is said; or a refusal in one sentence."""

from __future__ import annotations

import csv
import datetime
import io
import random
import time

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from lossgeo import own_data
from lossgeo.losses import LOSSES, LogisticLoss, MeanSquaredError
from lossgeo.own_data import table as as_table
from lossgeo.own_data import text as as_text
from lossgeo.own_data.labels import classes_of, in_order
from lossgeo.own_data.numerals import LARGEST, as_date, as_number, kind_of
from lossgeo.own_data.table import MAX_COLUMNS, MAX_ROWS
from lossgeo.own_data.text import MAX_BYTES, MAX_LINE, MAX_NAME
from lossgeo.surfaces import Grid, evaluate

LINE, CLASSES = "regression", "classification"
DOSE_X, DOSE_Y = [1, 2, 3, 4, 5], [2.1, 3.9, 6.2, 7.8, 10.1]
DOSE = "dose,response\n1,2.1\n2,3.9\n3,6.2\n4,7.8\n5,10.1\n"
DAYS = "day,level\n2024-01-29,12.1\n2024-01-30,12.4\n2024-02-12,13.9\n"

# Every case: the file or paste, the task, and either x and y, or the refusal: the whole sentence, or a list of words
# of which it must have every one.
# Files that are meant to be data:
GOOD = {
    "commas": (DOSE, LINE, DOSE_X, DOSE_Y),
    "bytes": (DOSE.encode(), LINE, DOSE_X, DOSE_Y),
    "byte-order mark and CRLF": (b"\xef\xbb\xbf" + DOSE.replace("\n", "\r\n").encode(), LINE, DOSE_X, DOSE_Y),
    "UTF-16 with its mark": (DOSE.replace(",", "\t").encode("utf-16"), LINE, DOSE_X, DOSE_Y),
    "UTF-16 without a mark": (DOSE.encode("utf-16-be"), LINE, DOSE_X, DOSE_Y),
    "UTF-16 cut off in a letter": ((DOSE + "6,7\n").encode("utf-16-le")[:-1], LINE, DOSE_X, DOSE_Y),
    "UTF-32": (DOSE.encode("utf-32"), LINE, DOSE_X, DOSE_Y),
    "Latin-1": ("Größe;Gewicht\n1,62;58,5\n1,75;72,25\n".encode("latin-1"), LINE, [1.62, 1.75], [58.5, 72.25]),
    "Windows-1252": ("x;Preis in €\n1;€ 2,50\n2;€ 3\n".encode("cp1252"), LINE, [1, 2], [2.5, 3]),
    "old Mac line ends": (DOSE.replace("\n", "\r"), LINE, DOSE_X, DOSE_Y),
    "mixed line ends": ("x,y\r\n1,2\r3,4\n5,6\u20287,9", LINE, [1, 3, 5, 7], [2, 4, 6, 9]),
    "pasted from a spreadsheet": (DOSE.replace(",", "\t") + "\n\t\n", LINE, DOSE_X, DOSE_Y),
    "semicolons and decimal commas": ("a;b\n1,62;58,5\n1,80;64\n", LINE, [1.62, 1.8], [58.5, 64]),
    "decimal commas by the semicolon": ("1,250;2\n1,500;3\n", LINE, [1.25, 1.5], [2, 3]),
    "decimal points with semicolons": ("$1.250;2\n$1.500;3\n", LINE, [1.25, 1.5], [2, 3]),
    "decimal points with tabs": ("1.250\t$2\n1.500\t$3\n", LINE, [1.25, 1.5], [2, 3]),
    "spaces and decimal commas": ("1,5 2,5\n2,5 4,0\n3,5 4,5\n", LINE, [1.5, 2.5, 3.5], [2.5, 4, 4.5]),
    "comma with a space, decimal commas": ("x, y\n1,5, 2,5\n2,5, 3\n", LINE, [1.5, 2.5], [2.5, 3]),
    "comma with a space": ("1.5, 2\n2.5, 3\n", LINE, [1.5, 2.5], [2, 3]),
    "runs of spaces": ("  x      y\n 1.0   2e1\n10.5   -3\n", LINE, [1, 10.5], [20, -3]),
    "spaces from a web page": ("1\u00a02\n3\u00a04\n", LINE, [1, 3], [2, 4]),
    "vertical bars": ("| x | y |\n|---|---|\n| 1 | 2 |\n| 2 | 3 |\n", LINE, [1, 2], [2, 3]),
    "drawn lines": ("x   y\n--- ---\n1   2\n2   3\n", LINE, [1, 2], [2, 3]),
    "a drawn table": ("+---+---+\n| x | y |\n+---+---+\n| 1 | 2 |\n| 2 | 3 |\n+---+---+\n", LINE, [1, 2], [2, 3]),
    "Excel's hint": ("sep=;\nx;y\n1;2\n2;4\n", LINE, [1, 2], [2, 4]),
    "no names": ("1,2\n2,4\n", LINE, [1, 2], [2, 4]),
    "one row": ("1,2", LINE, [1], [2]),
    "no line end at the end": ("x,y\n1,2\n3,4", LINE, [1, 3], [2, 4]),
    "comments and blank lines": ("# from here\nx,y\n\n1,2\n  # there\n3,4\n   \n", LINE, [1, 3], [2, 4]),
    "other comments": ("% a\n// b\n1 2\n3 4\n", LINE, [1, 3], [2, 4]),
    "trailing separators": ("x,y,\n1,2,\n3,4,,\n5,6\n", LINE, [1, 3, 5], [2, 4, 6]),
    "quoted separators": ('"a,b","c ""d"""\n1,2\n"3","4"\n', LINE, [1, 3], [2, 4]),
    "a name over two lines": ('x,"weight\n(kg)"\n1,2\n3,4\n', LINE, [1, 3], [2, 4]),
    "R's row names": ('"speed" "dist"\n"1" 4 2\n"2" 7 10\n', LINE, [4, 7], [2, 10]),
    "R's row names in words": ("speed dist\nslow 4 2\nfast 7 10\n", LINE, [4, 7], [2, 10]),
    "an index of pandas": (",x,y\n0,4,2\n1,7,10\n", LINE, [4, 7], [2, 10]),
    "empty names": (",\n1,2\n3,4\n", LINE, [1, 3], [2, 4]),
    "years as names": ("country,1990,2000\nA,1.5,2\nB,2.5,3\n", LINE, [1.5, 2.5], [2, 3]),
    "the names again": ("x,y\n1,2\nx,y\n3,4\n", LINE, [1, 3], [2, 4]),
    "units under the names": ("x,y\n(m),(kg)\n1,2\n3,4\n", LINE, [1, 3], [2, 4]),
    "missing values": ("age,fee\n23,6.4\n,58.2\n31,NA\n37,44.6\nNaN,9\n?,12\n28,-\n5,#N/A\n16,27.5\n", LINE,
                       [23, 37, 16], [6.4, 44.6, 27.5]),
    "infinity": ("inf,1\n2,3\n3,-Infinity\n4,5\n5,∞\n6,8\n", LINE, [2, 4, 6], [3, 5, 8]),
    "unix times": ("t,v\n1706486400,1\n1706572800,2.5\n", LINE, [1706486400, 1706572800], [1, 2.5]),
    "all digits": ("0.1,0.30000000000000004\n123456789.123456,1e-5\n", LINE,
                   [0.1, 123456789.123456], [0.1 + 0.2, 1e-5]),
    "thousands and currency": ('s,"p ($)"\n"1,250","$2,000.50"\n"3,900","-$4,100"\n980,"($1,500)"\n', LINE,
                               [1250, 3900, 980], [2000.5, -4100, -1500]),
    "thousands in Europe": ("a;b\n1.250,5;1.250\n2.000;3.500\n", LINE, [1250.5, 2000], [1250, 3500]),
    "thousands in India": ('"1,25,000","2"\n"12,34,567","3"\n', LINE, [125000, 1234567], [2, 3]),
    "thousands in Switzerland": ("1'250.5\t1\n12’000\t2\n", LINE, [1250.5, 12000], [1, 2]),
    "thin spaces": ("x\ty\n1\u2009250,5\t1\n2\u00a0000\t2\n3\u202f000\t3\n", LINE, [1250.5, 2000, 3000], [1, 2, 3]),
    "minus signs": ("x\ty\n\u22125\t1\n\u20137\t\u2212\n\u22122e\u22121\t3\n", LINE, [-5, -0.2], [1, 3]),
    "marks of direction": ("\u200fx\u200f,y\n\u200e1\u200e,\u202a2\u202c\n3,4\n", LINE, [1, 3], [2, 4]),
    "digits of other scripts": ("١٢,3\n١٣٫٥,4\n१४,5\n", LINE, [12, 13.5, 14], [3, 4, 5]),
    "superscripts are no digits": ("5²,1\n3,2\n4,3\n", LINE, [3, 4], [2, 3]),
    "hexadecimal and underscores": ("0x1F,2\n1_000,3\n1,4\n2,5\n3,6\n", LINE, [1, 2, 3], [4, 5, 6]),
    "percent": ("5%,1\n7.5 %,2\n", LINE, [5, 7.5], [1, 2]),
    "ISO dates": (DAYS, LINE, [0, 1, 14], [12.1, 12.4, 13.9]),
    "dates with times": ("2024-01-29 06:00,1\n2024-01-29T18:00:00,2\n2024-01-30T01:00+02:00,3\n", LINE,
                         [0.25, 0.75, 23 / 24], [1, 2, 3]),
    "dates with dots": ("29.01.2024;1\n2.2.2024;3\n", LINE, [0, 4], [1, 3]),
    "days before months": ("13/04/2024,1\n05/04/2024,2\n", LINE, [8, 0], [1, 2]),
    "months before days": ("04/13/2024,1\n04/05/2024,2\n", LINE, [8, 0], [1, 2]),
    "names of months": ('"Jan 29, 2024",1\n2 February 2024,3\n', LINE, [0, 4], [1, 3]),
    "dates in three styles": ("2024-01-29,1\n30.01.2024,2\n31/01/2024,4\n", LINE, [0, 1, 2], [1, 2, 4]),
    "a day that does not exist": ("2024-02-30,1\n2024-02-28,2\n2024-02-29,4\n", LINE, [0, 1], [2, 4]),
    "dates as y": ("x,d\n1,2024-02-28\n2,2024-03-01\n", LINE, [1, 2], [0, 2]),
    "text beside numbers": ("name,x,note,y\nA,1,old,2\nB,3,new,5\n", LINE, [1, 3], [2, 5]),
    "HTML and a formula as names": ('"<img src=x onerror=alert(1)>","=HYPERLINK(""http://a.example"")"\n1,2\n2,3\n4,8\n',
                                    LINE, [1, 2, 4], [2, 3, 8]),
    "control characters": ("a\x07,b\n1,2\n3,4\n\x1a", LINE, [1, 3], [2, 4]),
    "half a surrogate pair": ("a\ud800,b\n1,2\n3,4\n", LINE, [1, 3], [2, 4]),
    "yes and no": ("hours,passed\n3,no\n5,yes\n6,No\n", CLASSES, [3, 5, 6], [0, 1, 0]),
    "minus one and one": ("x,label\n3,-1\n5,1\n6,\u22121\n", CLASSES, [3, 5, 6], [0, 1, 0]),
    "true and false": ("3,True\n5,False\n6,TRUE\n", CLASSES, [3, 5, 6], [1, 0, 1]),
    "a and B": ("3,B\n5,a\n6,B\n", CLASSES, [3, 5, 6], [1, 0, 1]),
    "a and A": ("3,A\n5,a\n6,A\n", CLASSES, [3, 5, 6], [0, 1, 0]),
    "one and two": ("3,2\n5,1.0\n6,1\n", CLASSES, [3, 5, 6], [1, 0, 0]),
    "plus and minus": ("3,+\n5,-\n6,+\n", CLASSES, [3, 5, 6], [1, 0, 1]),
    "none and some": ("3,some\n5,none\n6,some\n", CLASSES, [3, 5, 6], [1, 0, 1]),
    "a zero and a dash": ("3,0\n5,-\n6,0\n", CLASSES, [3, 6], [0, 0]),
    "a one and a dash": ("3,1\n5,-\n6,1\n", CLASSES, [3, 6], [1, 1]),
    "labels alike for a long way": (f"3,{'a' * 70}b\n5,{'a' * 70}c\n6,{'a' * 70}b\n", CLASSES, [3, 5, 6], [0, 1, 0]),
    "labels in three spellings between": ("x,kind,z\n3,yes,1.5\n5,Yes,2.5\n6,no,3.5\n", CLASSES, [3, 5, 6], [1, 1, 0]),
    "an index and labels between": (",kind,x,z\n0,a,1.5,5\n1,b,2.5,6\n2,a,3.5,7\n", CLASSES,
                                    [1.5, 2.5, 3.5], [0, 1, 0]),
    "names above dates and labels": ("day,kind\n2024-01-29,yes\n2024-01-31,no\n", CLASSES, [0, 2], [1, 0]),
    "an infinite label is none": ("3,1\n5,inf\n6,0\n", CLASSES, [3, 6], [1, 0]),
    "labels with decimal commas": ("3;1,5\n5;2,5\n6;1,5\n", CLASSES, [3, 5, 6], [0, 1, 0]),
    "three spellings of one class": ("3,yes\n5,Yes\n6,YES\n", CLASSES, [3, 5, 6], [1, 1, 1]),
    "no label here and there": ("3,yes\n5,NA\n6,no\n7,-\n8,no\n", CLASSES, [3, 6, 8], [1, 0, 0]),
    "labels first": ("kind,score\nyes,3\nno,4\nyes,4.5\n", CLASSES, [3, 4, 4.5], [1, 0, 1]),
    "labels between": ("x,kind,note\n3,b,p\n4,a,q\n5,b,r\n", CLASSES, [3, 4, 5], [1, 0, 1]),
    "two rows of labels first": ("kind,score\nyes,3\nno,4\n", CLASSES, [3, 4], [1, 0]),
    "labels with spaces": ("x,kind\n3,not yet\n4,done\n5,done\n", CLASSES, [3, 4, 5], [1, 0, 0]),
    "decimal commas and labels": ("1,5 yes\n2,5 no\n", CLASSES, [1.5, 2.5], [1, 0]),
    "one class": ("x,y\n1,1\n2,1\n", CLASSES, [1, 2], [1, 1]),
    "one class of zeros": ("x,y\n1,no\n2,no\n", CLASSES, [1, 2], [0, 0]),
    "dates and labels": ("2024-01-29,yes\n2024-01-31,no\n", CLASSES, [0, 2], [1, 0]),
}  # fmt: skip

REFUSED = {
    "empty file": (b"", LINE, "There is nothing to read: the file is empty."),
    "empty paste": (" \n\t\n\u200b", LINE, "There is nothing to read: the text is empty."),
    "only comments": ("# x,y\n# 1,2\n", LINE, "There are no rows: every line is a comment."),
    "only names": ("x,y\n", LINE, "There are no rows under the names x and y."),
    "only missing": ("x,y\nNA,1\n2,\n", LINE, "There are no rows with both x and y: lines 2, 3 have none or only one."),
    "only separators": (",,,\n,,,\n", LINE, "There are no rows: every line is blank."),
    "one column": ("x\n1\n2\n", LINE,
         "There is only one column; x and y need one each, with a comma, a tab or spaces between."),
    "one column and a separator": ("x,\n1,\n2,\n", LINE,
         "There is only one column; x and y need one each, with a comma, a tab or spaces between."),
    "one column of numbers": ("x,name\n1,A\n2,B\n", LINE,
         "There is only one column of numbers, and x and y need one each; "
         '"name" holds text, for example "A" in line 2.'),
    "no numbers": ("a,b\nc,d\n", LINE,
         'There is no column of numbers, and x and y need one each; "column 1" holds text, for example "a" in line 1.'),
    "uneven rows": ("x,y\n1,2\n2,3,4\n3\n4,5\n", LINE,
         "The rows are uneven: line 3 has three fields and line 4 has one, where the others have two."),
    "many uneven rows": ("x,y\n" + "1,2\n" * 20 + "1,2,3\n" * 9, LINE,
         "The rows are uneven: line 22 has three fields, line 23 has three, line 24 has three, line 25 has three, line "
         "26 has three and 4 other lines are uneven, too, where the others have two."),
    "a title above the names": ("Table 1\nx,y\n1,2\n3,4\n", LINE,
         "The rows are uneven: line 1 has one field, where the others have two."),
    "an open quotation mark": ('x,y\n1,2\n"3,4\n5,6\n', LINE,
         "In line 3 there is a quotation mark that is never closed."),
    "a quotation mark inside": ('x,y\n"3"a,4\n5,6\n', LINE, "In line 2 there is a quotation mark inside a field."),
    "thousands or decimals": ("1,250\t2\n980\t3\n", LINE,
         'In line 1, 1,250 in "column 1" can be read in two ways: write it without the comma, or with a point.'),
    "two or three columns": ("1, 2,5\n3, 4,5\n", LINE,
         "Some commas have a space behind them and some have none, so it is not clear which of them separate the "
         "columns: separate them by semicolons."),
    "days or months": ("03/04/2024,1\n05/04/2024,2\n", LINE,
         'In line 1, 03/04/2024 in "column 1" can be read in two ways: write dates as 2024-04-03.'),
    "both decimal signs": ("1,5;1\n2.5;2\n", LINE,
         '"column 1" mixes two ways of writing: 2.5 in line 2 has a decimal point, 1,5 in line 1 a decimal comma.'),
    "both orders of dates": ("13/04/2024,1\n04/13/2024,2\n", LINE,
         '"column 1" mixes two ways of writing: 13/04/2024 in line 1 has the day before the month, '
         "04/13/2024 in line 2 the month before the day."),
    "some percent": ("5%,1\n0.07,2\n", LINE,
         '"column 1" mixes % and numbers without a sign: give all of them the same unit.'),
    "two currencies": ("$5,1\n€6,2\n", LINE, '"column 1" mixes € and $: give all of them the same unit.'),
    "units": ("5 kg,1\n6 kg,2\n", LINE, ['"5 kg" in line 1']),
    "times of day": ("12:30,1\n12:45,2\n", LINE, ['"12:30" in line 1']),
    "years of two digits": ("29.01.24,1\n30.01.24,2\n", LINE, ['"29.01.24" in line 1']),
    "1e400": ("1,2\n1e400,3\n", LINE, 'In line 2, 1e400 in "column 1" is beyond 1e+12: use a larger unit.'),
    "-1e13": ("1,2\n3,4\n5,-1e13\n", LINE, 'In line 3, -1e13 in "column 2" is beyond 1e+12: use a larger unit.'),
    "milliseconds": ("1706486400000,1\n1706572800000,2\n", LINE, ["line 1", "larger unit"]),
    "too close together": ("123456700000,1\n123456700001,2\n", LINE,
         '"column 1" varies by only 1 around 1.23457·10¹¹, too little to compute with: subtract a constant from it.'),
    "too small": ("1e-13,1\n2e-13,2\n", LINE,
         '"column 1" varies by only 10⁻¹³, too little to compute with: use a smaller unit.'),
    "y too close together": ("1,1e11\n2,100000000001\n", LINE, ["column 2", "subtract"]),
    "three classes": ("length,kind\n0.9,s\n3.8,v\n5.6,g\n", CLASSES,
         '"kind" has three classes, s, v and g: choose two of them.'),
    "numbers as labels": ("".join(f"{i},{i / 7}\n" for i in range(50)), CLASSES,
         '"column 2" has 50 different values, such as 0, 0.142857142857143 and 0.285714285714286; a column of classes '
         "has two."),
    "labels of two kinds": ("1,yes\n2,no\n3,1\n", CLASSES,
         '"column 2" has three classes, yes, no and 1: choose two of them.'),
    "text as x": ("A,yes\nB,no\n", CLASSES,
         'There is no column of numbers, and x needs one; "column 1" holds text, for example "A" in line 1.'),
    "as many classes as are named": ("".join(f"{i},{c}\n" for i, c in enumerate("abcdefghijkl")), CLASSES,
         '"column 2" has 12 classes, a, b, c, d, e, f, g, h, i, j, k and l: choose two of them.'),
    "one class more": ("".join(f"{i},{c}\n" for i, c in enumerate("abcdefghijklm")), CLASSES,
         '"column 2" has 13 different values, such as a, b and c; a column of classes has two.'),
    "more classes than can be labels": ("".join(f"{i},c{i}\n" for i in range(1001)), CLASSES,
         '"column 2" has 1001 different values, such as c0, c1 and c2; a column of classes has two.'),
    "missing everywhere": ("x,y\n" + ",1\n" * 25, LINE,
         'There is only one column of numbers, and x and y need one each; "x" holds nothing but missing values.'),
    "never both": ("x,y\n" + ",1\n2,\n" * 13, LINE,
         "There are no rows with both x and y: lines 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, "
         "20, 21 and 6 more have none or only one."),
    "twelve names and no more": ("a,b,c,d,e,f,g,h,i,j,k,l\n", LINE,
         "There are no rows under the names a, b, c, d, e, f, g, h, i and j."),
    "five uneven rows": ("x,y\n" + "1,2\n" * 9 + "1,2,3\n" * 5, LINE,
         "The rows are uneven: line 11 has three fields, line 12 has three, line 13 has three, line 14 has three and "
         "line 15 has three, where the others have two."),
    "six uneven rows": ("x,y\n" + "1,2\n" * 9 + "1,2,3\n" * 6, LINE,
         "The rows are uneven: line 11 has three fields, line 12 has three, line 13 has three, line 14 has three, line "
         "15 has three and 1 other line is uneven, too, where the others have two."),
    "zip": (b"PK\x03\x04" + bytes(2000), LINE,
         "This is a zip archive, for example an Excel workbook, not text: save the table as CSV and load that file."),
    "old Excel": (b"\xd0\xcf\x11\xe0" + bytes(range(256)), LINE,
         "This is an old Excel or Word file, not text: save the table as CSV and load that file."),
    "picture": (b"\x89PNG\r\n" + bytes(range(256)) * 50, LINE,
         "This is a picture, not text: save the table as CSV and load that file."),
    "NUL bytes": (b"x,y\n1,2\n3,\x00\n", LINE,
         "There are bytes in line 3 that are no text: save the table as CSV and load that file."),
    "noise": (random.Random(0).randbytes(100_000), LINE, ["no text"]),
    "UTF-16 cut off": (b"\xff\xfe1\x00,\x002\x00\n", LINE,
         "The file begins like UTF-16 but is not UTF-16: save it again as UTF-8."),
    "HTML": ("<html><body><table><tr><td>1</td></tr></table></body></html>", LINE, ["one column"]),
    "JSON": ('{"x": [1, 2],\n"y": [3, 4]}', LINE, [""]),
    "a program": ("import os\nos.system('true')\nprint(1, 2)\n", LINE, [""]),
    "too many bytes": (b"1,2\n" * (MAX_BYTES // 4 + 1), LINE, [str(MAX_BYTES), "bytes"]),
    "too many characters": ("1,2\n" * (MAX_BYTES // 4 + 1), LINE, [str(MAX_BYTES), "characters"]),
    "too many rows": ("1,2\n" * (MAX_ROWS + 1), LINE, [str(MAX_ROWS + 1), str(MAX_ROWS)]),
    "too many lines": ("1,2\n" * 1_200_000, LINE, ["1200001 lines"]),
    "nothing but line ends": ("\n" * MAX_BYTES, LINE, ["empty"]),
    "one line of 5 MB": ("a" * MAX_BYTES, LINE, ["line 1", str(MAX_LINE)]),
    "a number of a million digits": ("1,2\n" + "1" * 1_000_000 + ",3\n", LINE, ["line 2", str(MAX_LINE)]),
    "a million columns": ("1," * 1_000_000, LINE, ["line 1", str(MAX_LINE)]),
    "a thousand columns": (",".join("1" * 1000), LINE,
         "In line 1 there are 1000 fields; at most 200 columns are read."),
    "a field over all lines": ('"' + "a\n" * 100_000, LINE, "In line 1 there is a field that is too long."),
    "nothing but quotation marks": ('"' * 19_999, LINE, ["line 1"]),
    "long texts like numbers": (("1'" * 150 + "x,1\n") * 5000, LINE, ["text", "line 1"]),
}  # fmt: skip


def one_sentence(text):
    """Whether a refusal can be shown as it is: it ends, is not long, and holds no control characters."""
    return text.endswith(".") and text.isprintable() and len(text) < 300 and not text.startswith("Traceback")


def case(table):
    return pytest.mark.parametrize("name", table, ids=lambda name: name.replace(" ", "-"))


@case(GOOD)
def test_the_numbers_are_right(name):
    raw, task, x, y = GOOD[name]
    found = own_data.read(raw, task)
    assert_allclose(found.dataset.x, x, rtol=1e-15, atol=0, err_msg=f"x of {raw!r}")
    assert_allclose(found.dataset.y, y, rtol=1e-15, atol=0, err_msg=f"y of {raw!r}")
    assert {found.x, found.y} <= set(found.columns)
    assert len(set(found.columns)) == len(found.columns), "two columns have the same name"
    for text in (*found.columns, *found.notes):
        assert text.isprintable(), f"{text!r} holds control characters"
    assert all(len(text) <= MAX_NAME + 5 for text in found.columns)
    assert all(note[-1] == "." for note in found.notes), found.notes
    rows = len(x) + len(found.left_out)
    assert f"{rows} row" in found.notes[0], found.notes[0]
    for line in found.left_out:
        assert str(line) in found.notes[0], f"line {line} is left out, and nothing says so: {found.notes[0]}"


@case(REFUSED)
def test_a_refusal_is_one_sentence_that_names_the_place(name):
    raw, task, told = REFUSED[name]
    began = time.process_time()
    with pytest.raises(ValueError, match=r"(?s).") as refusal:
        own_data.read(raw, task)
    sentence = str(refusal.value)
    if isinstance(told, str):
        assert sentence == told
    else:
        for word in told:
            assert word in sentence, f"{word!r} is missing in: {sentence}"
    assert one_sentence(sentence), sentence
    assert time.process_time() - began < 5.0, "a refusal takes a fraction of a second, and this took five"


# --- what is said -----------------------------------------------------------------------------------

COMMAS = "The columns are separated by commas."
NAMES = "The names of the columns are in line 1."
NO_NAMES = "There is no line of names, so the columns are numbered."
NUMBERED = 'x is "column 1", y is "column 2".'
OVERLAP = "The classes overlap: the logistic loss has one minimiser."

# All that is said of a file of GOOD, word by word.
NOTES = {
    "one row": ["1 row, all used.", COMMAS, NO_NAMES, NUMBERED,
                "In these data all x are equal (1): without a penalty the minimisers form a line, or for the absolute "
                "error perhaps a strip."],
    "Latin-1": ["2 rows, all used.",
                "The file is not UTF-8: it was read as Latin-1, so look at the letters with accents.",
                "The columns are separated by semicolons.", NAMES, 'x is "Größe", y is "Gewicht".',
                'The comma is the decimal sign in "Größe": 1,62 is read as 1.62.',
                'The comma is the decimal sign in "Gewicht": 58,5 is read as 58.5.'],
    "UTF-16 without a mark": ["5 rows, all used.", "The file has no mark of its encoding: it was read as UTF-16.",
                              COMMAS, NAMES, 'x is "dose", y is "response".'],
    "R's row names": ["2 rows, all used.", "The columns are separated by spaces.", NAMES,
                      'There are three columns: x is "speed", y is "dist"; "column 1" is left out. '
                      'Others can be chosen. "column 1" only counts the rows.'],
    "years as names": ["2 rows, all used.", COMMAS, NAMES,
                       'There are three columns: x is "1990", y is "2000"; "country" is left out. '
                       "Others can be chosen."],
    "text beside numbers": ["2 rows, all used.", COMMAS, NAMES,
                            'There are four columns: x is "x", y is "y"; "name" and "note" are left out. '
                            "Others can be chosen."],
    "units under the names": ["2 of 3 rows are used; 1 has no usable x or y: line 2.",
                              '"(kg)" in line 2 is neither a number nor a date.',
                              '"(m)" in line 2 is neither a number nor a date.', COMMAS, NAMES, 'x is "x", y is "y".'],
    "infinity": ["3 of 6 rows are used; 3 have no usable x or y: lines 1, 3, 5.", '"inf" in line 1 is not finite.',
                 '"-Infinity" in line 3 is not finite.', '"∞" in line 5 is not finite.', COMMAS, NO_NAMES, NUMBERED],
    "other comments": ["2 rows, all used.", "The columns are separated by spaces.",
                       "Two comments were skipped: lines 1, 2.", NO_NAMES, NUMBERED],
    "vertical bars": ["2 rows, all used.", "The columns are separated by vertical bars.", NAMES, 'x is "x", y is "y".'],
    "thousands and currency": ["3 rows, all used.", COMMAS, NAMES, 'x is "s", y is "p ($)".',
                               'In "s", 1,250 is read as 1250.', 'In "p ($)", -$4,100 is read as -4100.',
                               'The sign $ in "p ($)" is left out.'],
    "thousands in Europe": ["2 rows, all used.", "The columns are separated by semicolons.", NAMES,
                            'x is "a", y is "b".', 'The comma is the decimal sign in "a": 1.250,5 is read as 1250.5.',
                            'In "a", 2.000 is read as 2000.', 'In "b", 1.250 is read as 1250.'],
    "percent": ["2 rows, all used.", COMMAS, NO_NAMES, NUMBERED,
                'The numbers of "column 1" are percentages: 5 % is read as 5.'],
    "days before months": ["2 rows, all used.", COMMAS, NO_NAMES, NUMBERED,
                           'The dates of "column 1" have the day before the month.',
                           '"column 1" is counted in days since 2024-04-05.'],
    "months before days": ["2 rows, all used.", COMMAS, NO_NAMES, NUMBERED,
                           'The dates of "column 1" have the month before the day.',
                           '"column 1" is counted in days since 2024-04-05.'],
    "labels between": ["3 rows, all used.", COMMAS, NAMES,
                       'There are three columns: x is "x", y is "kind"; "note" is left out. Others can be chosen.',
                       "Labels: a = 0, b = 1.", OVERLAP],
    "one class": ["2 rows, all used.", COMMAS, NAMES, 'x is "x", y is "y".', "The only label is 1.",
                  "Only one class occurs: no minimiser without a penalty or with one, and the infimum is 0."],
    "one class of zeros": ["2 rows, all used.", COMMAS, NAMES, 'x is "x", y is "y".', "Labels: no = 0.",
                           "Only one class occurs: no minimiser without a penalty or with one, and the infimum is 0."],
}  # fmt: skip


@case(NOTES)
def test_every_sentence_is_said_word_by_word(name):
    raw, task, *_ = GOOD[name]
    assert list(own_data.read(raw, task).notes) == NOTES[name]


def said(raw, task=LINE, **how):
    return " ".join(own_data.read(raw, task, **how).notes)


@pytest.mark.parametrize(
    ("raw", "task", "words"),
    [
        (DOSE, LINE, ["5 rows, all used.", "commas", '"dose"', '"response"', "in line 1"]),
        ("1,2\n", LINE, ["1 row,", "no line of names"]),
        (GOOD["missing values"][0], LINE, ["3 of 9 rows", "lines 3, 4, 6, 7, 8, 9."]),
        ("x,y\n1,2\n,3\n", LINE, ["1 of 2 rows is used; 1 has no usable x or y: line 3."]),
        (GOOD["infinity"][0], LINE, ["lines 1, 3, 5", '"inf" in line 1 is not finite', '"-Infinity" in line 3']),
        (GOOD["hexadecimal and underscores"][0], LINE, ['"0x1F" in line 1 is neither a number', "3 of 5 rows"]),
        ("x,y\n" + "1,2\n" * 6 + "a,2\n" * 5, LINE, ["6 of 11 rows", "2 more fields", "lines 8, 9, 10, 11, 12"]),
        (GOOD["semicolons and decimal commas"][0], LINE, ["semicolons", "1,62 is read as 1.62", "58,5 is"]),
        (GOOD["thousands and currency"][0], LINE, ["1,250 is read as 1250", "The sign $"]),
        (GOOD["thousands in Europe"][0], LINE, ["1.250 is read as 1250", "1.250,5 is read as 1250.5"]),
        (GOOD["comments and blank lines"][0], LINE, ["Two comments were skipped: lines 1, 5.", "in line 2"]),
        (GOOD["Latin-1"][0], LINE, ["Latin-1", '"Größe"']),
        (GOOD["UTF-16 without a mark"][0], LINE, ["UTF-16"]),
        (DAYS, LINE, ["days since 2024-01-29"]),
        (GOOD["days before months"][0], LINE, ["the day before the month", "days since 2024-04-05"]),
        (GOOD["percent"][0], LINE, ["percentages"]),
        (GOOD["text beside numbers"][0], LINE, ["four columns", 'x is "x"', 'y is "y"', '"name" and "note" are left']),
        (GOOD["an index of pandas"][0], LINE, ['"column 1" only counts the rows']),
        (GOOD["yes and no"][0], CLASSES, ["no = 0, yes = 1"]),
        (GOOD["minus one and one"][0], CLASSES, ["-1 = 0, 1 = 1"]),
        (GOOD["a and B"][0], CLASSES, ["a = 0, B = 1"]),
        (GOOD["one and two"][0], CLASSES, ["1 = 0, 2 = 1"]),
        ("1,0\n2,1\n3,0\n", CLASSES, ["The labels are 0 and 1."]),
    ],
)  # fmt: skip
def test_what_was_understood_is_said(raw, task, words):
    for word in words:
        assert word in said(raw, task), f"{word!r} is missing"


@pytest.mark.parametrize(
    ("raw", "task", "words", "kind"),
    [
        ("3,1\n3,2\n3,4\n", LINE, "all x are equal (3)", "line"),
        ("1,1\n3,2\n3,4\n", LINE, "", "one"),
        ("3,0\n3,1\n3,1\n", CLASSES, "all x are equal (3)", "line"),
        ("1,1\n2,1\n", CLASSES, "one class", "none"),
        ("1,0\n2,0\n", CLASSES, "one class", "none"),
        ("1,0\n2,0\n3,1\n4,1\n", CLASSES, " completely separable: no minimiser", "none"),
        ("1,1\n2,1\n3,0\n4,0\n", CLASSES, " completely separable: no minimiser", "none"),
        ("1,0\n2,0\n2,1\n4,1\n", CLASSES, "quasi-completely separable: no minimiser", "none"),
        ("1,1\n2,1\n2,0\n4,0\n", CLASSES, "quasi-completely separable: no minimiser", "none"),
        ("1,0\n2,1\n3,0\n4,1\n", CLASSES, "overlap", "one"),
    ],
)  # fmt: skip
def test_what_is_said_of_the_loss_is_what_the_loss_has(raw, task, words, kind):
    found = own_data.read(raw, task)
    loss = (LogisticLoss if task == CLASSES else MeanSquaredError)(found.dataset)
    assert loss.minimisers == kind
    assert words in found.dataset.note
    assert found.dataset.note in " ".join(found.notes)
    assert ("no minimiser" in found.dataset.note) == (kind == "none")


def test_one_row_more_makes_separable_classes_overlap():
    apart = "0.1,0\n0.2,0\n0.3,1\n"
    assert "completely separable" in said(apart, CLASSES)
    assert "overlap" in said(apart + "0.30000000000000004,0\n", CLASSES)  # the next double after 0.3


def test_of_many_columns_ten_are_named_as_left_out():
    names = [f"c{i}" for i in range(14)]
    told = said(",".join(names) + "\n" + ",".join("1234567890123456"[:14]) + "\n" + ",".join("2" * 14) + "\n")
    left = ", ".join(f'"{name}"' for name in names[1:11])
    assert f'There are 14 columns: x is "c0", y is "c13"; {left} and 2 more are left out.' in told


def test_a_class_is_called_as_it_is_spelt_most_often():
    assert own_data.read("3,Yes\n5,yes\n6,no\n7,yes\n", CLASSES).classes == ("no", "yes")


def test_axes_are_named_by_the_columns():
    found = own_data.read(DAYS, LINE).dataset
    assert (found.name, found.source) == ("your data", "read from a file or a paste")
    assert (found.x_label, found.y_label) == ("day, days since 2024-01-29", "level")


def test_the_names_are_those_in_the_line_of_names():
    for raw in ("sep=;\nX;Y\n1;2\n2;4\n", "|X|Y|\n|1|2|\n|2|3|\n", "X,Y\n1,2\n3,4\n"):
        assert own_data.read(raw, LINE).columns == ("X", "Y")


def test_lines_are_plain():
    assert as_text.lines_of("a,X\x1a") == (["a,X"], [])
    assert as_text.lines_of("a\x0bb\x0cc") == (["a b c"], [])
    with pytest.raises(ValueError, match=r"^There are bytes in line 2 that are no text"):
        as_text.lines_of("\n1,\x00")


def test_small_numbers_are_words_and_long_names_are_cut():
    words = [as_text.spelt(number) for number in range(12)]
    assert words == ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "11"]
    assert as_text.shown("a" * 60) == "a" * 60
    assert as_text.shown("a" * 61) == "a" * 59 + "…"


def test_spellings_are_counted_without_regard_to_blanks():
    column = ["Not yet", "Not yet", "not yet", "not  yet", "not  yet", "done"]
    assert set(classes_of(column).values()) == {"not yet", "done"}


def test_two_classes_can_be_chosen_where_there_are_no_more():
    found = own_data.read("3,a\n5,b\n", CLASSES, classes=("b", "a"))
    assert_array_equal(found.dataset.y, [1, 0])
    with pytest.raises(own_data.TooManyClasses) as refusal:
        own_data.read(REFUSED["more classes than can be labels"][0], CLASSES)
    assert refusal.value.columns == ("column 1", "column 2")


def test_a_limit_is_the_last_number_that_is_read(monkeypatch):
    monkeypatch.setattr(as_text, "MAX_BYTES", 12)
    monkeypatch.setattr(as_text, "MAX_LINES", 3)
    monkeypatch.setattr(as_text, "MAX_LINE", 5)
    assert as_text.lines_of("1,2\n3,4\n5,67") == (["1,2", "3,4", "5,67"], [])
    assert as_text.lines_of("11,22") == (["11,22"], [])
    for raw, told in [
        ("1,2\n3,4\n5,678", "The text has 13 characters; at most 12 are read: keep fewer rows."),
        (b"1,2\n3,4\n5,678", "The file has 13 bytes; at most 12 are read: keep fewer rows."),
        ("1,2\n3\n4\n5", "The text has 4 lines; at most 3 are read."),
        (b"9,2\n33,456", "There are 6 characters in line 2, too many for a table; at most 5 are read."),
    ]:
        with pytest.raises(ValueError, match="at most") as refused:
            as_text.lines_of(raw)
        assert str(refused.value) == told
    monkeypatch.setattr(as_table, "MAX_ROWS", 2)
    monkeypatch.setattr(as_table, "MAX_COLUMNS", 3)
    assert as_table.table_of(["1,2,3", "4,5,6"]).columns == [("1", "4"), ("2", "5"), ("3", "6")]
    for lines, told in [
        (["a,b", "1,2", "3,4", "5,6"], "There are 3 rows; at most 2 are read: keep a sample of them."),
        (["1,2", "3,4", "5,6"], "There are 3 rows; at most 2 are read: keep a sample of them."),
        (["1,2,3,4"], "In line 1 there are 4 fields; at most 3 columns are read."),
    ]:
        with pytest.raises(ValueError, match="at most") as refused:
            as_table.table_of(lines)
        assert str(refused.value) == told


# --- choices ----------------------------------------------------------------------------------------

THREE = "a,b,kind\n31.5,64.1,0\n38.2,35.5,1\n41.7,81.2,0\n"


def test_columns_are_proposed_and_can_be_chosen():
    assert own_data.read(THREE, CLASSES).columns == ("a", "b", "kind")
    assert (own_data.read(THREE, CLASSES).x, own_data.read(THREE, CLASSES).y) == ("a", "kind")
    assert_array_equal(own_data.read(THREE, CLASSES, x="b").dataset.x, [64.1, 35.5, 81.2])
    assert_array_equal(own_data.read(THREE, LINE, x="b", y="a").dataset.y, [31.5, 38.2, 41.7])
    assert own_data.read(THREE, LINE, y="a").x == "b"
    assert own_data.read(THREE, LINE, x="kind").y == "b"


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ({"x": "c"}, 'no column "c"; the columns are a, b and kind'),
        ({"x": "a", "y": "a"}, 'x and y are both "a"'),
    ],
)
def test_a_column_that_cannot_be_taken_is_refused_by_name(how, words):
    with pytest.raises(ValueError, match=words):
        own_data.read(THREE, LINE, **how)


def test_text_cannot_be_x():
    with pytest.raises(ValueError, match='"name" holds text and cannot be x, for example "A" in line 2'):
        own_data.read(GOOD["text beside numbers"][0], LINE, x="name")


def test_a_column_without_labels_cannot_be_y():
    with pytest.raises(ValueError, match=r'^There are no labels in "z"\.$'):
        own_data.read("x,y,z\n1,2,\n2,3,NA\n", CLASSES, y="z")


def test_a_task_that_does_not_exist_is_refused():
    with pytest.raises(ValueError, match="task must be"):
        own_data.read(DOSE, "clustering")


def test_labels_are_exchanged_on_request():
    raw = GOOD["a and B"][0]
    plain, swapped = own_data.read(raw, CLASSES), own_data.read(raw, CLASSES, swap=True)
    assert_array_equal(swapped.dataset.y, 1 - plain.dataset.y)
    assert (plain.classes, swapped.classes) == (("a", "B"), ("B", "a"))
    assert "B = 0, a = 1" in " ".join(swapped.notes)
    assert own_data.read("1,1\n2,1\n", CLASSES, swap=True).classes == ("1", "")
    assert_array_equal(own_data.read("1,1\n2,1\n", CLASSES, swap=True).dataset.y, [0, 0])


KINDS = "length,kind\n0.9,s\n1.1,s\n3.8,v\n5.6,g\n4.1,v\n"


def test_two_of_three_classes_can_be_chosen():
    with pytest.raises(own_data.TooManyClasses) as refusal:
        own_data.read(KINDS, CLASSES)
    assert (refusal.value.classes, refusal.value.columns) == (("s", "v", "g"), ("length", "kind"))
    found = own_data.read(KINDS, CLASSES, classes=("v", "s"))
    assert_array_equal(found.dataset.y, [1, 1, 0, 0])
    assert_array_equal(found.dataset.x, [0.9, 1.1, 3.8, 4.1])
    assert found.left_out == (5,)
    assert "v = 0, s = 1" in " ".join(found.notes)
    assert "Rows of the other classes are left out: g." in found.notes
    swapped = own_data.read(KINDS, CLASSES, classes=("v", "s"), swap=True)
    assert_array_equal(swapped.dataset.y, [0, 0, 1, 1])
    assert "Labels: s = 0, v = 1 (exchanged)." in swapped.notes
    for wrong in (("v", "x"), ("v", "v"), ("v", "s", "g")):
        with pytest.raises(ValueError, match=r'^Choose two different classes of "kind": s, v and g\.$'):
            own_data.read(KINDS, CLASSES, classes=wrong)


@pytest.mark.parametrize(
    ("classes", "order"),
    [
        (("10", "9"), ("9", "10")), (("yes", "no"), ("no", "yes")), (("ja", "Nein"), ("Nein", "ja")),
        (("Zebra", "ant"), ("ant", "Zebra")), (("no",), ("no", "")), (("x",), ("", "x")), (("0",), ("0", "")),
        (("-1",), ("-1", "")), (("2",), ("", "2")), (("passed", "failed"), ("failed", "passed")),
    ],
)  # fmt: skip
def test_which_label_is_one(classes, order):
    assert in_order(classes) == order


# --- numbers and dates ------------------------------------------------------------------------------

NO = (None, None)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("12", (12, 12)), ("1.25", (1.25, None)), ("1,25", (None, 1.25)), ("1.250", (1.25, 1250)),
        ("1,250", (1250, 1.25)), ("0,125", (None, 0.125)), ("0.125", (0.125, None)), ("1234,567", (None, 1234.567)),
        ("1,234,567", (1234567, None)), ("1.234.567", (None, 1234567)), ("1,234.5", (1234.5, None)),
        ("1.234,5", (None, 1234.5)), ("1,2,3", NO), ("1.2.3", NO), ("1,23,4", NO), ("5.", (5, None)),
        (".5", (0.5, None)),
        ("-.5e-3", (-0.0005, None)), ("1e3", (1000, 1000)), ("+7", (7, 7)), ("--7", NO), ("+-7", NO),
        ("$-7", (-7, -7)), ("-$-7", NO), ("-$7", (-7, -7)), ("- 7", (-7, -7)),
        ("(7)", (-7, -7)), ("(7", NO), ("7)", NO), ("7 %", (7, 7)), ("$ 7", (7, 7)), ("7 EUR", (7, 7)), ("$7$", NO),
        ("1 234", (1234, 1234)), ("1 23", NO), ("12 34", NO), ("1'234.5", (1234.5, None)), ("1 234'567", NO),
        ("0x1F", NO),
        ("1_000", NO), ("nan", NO), ("inf", NO), ("", NO), (".", NO), ("e5", NO), ("1e", NO), ("1/2", NO),
        ("x", NO),
        ("1" * 400, (np.inf, np.inf)), ("1" * 401, NO),
        ("-0", (0, 0)), ("00012", (12, 12)), ("1e400", (np.inf, np.inf)),
    ],
)  # fmt: skip
def test_a_number_is_read_with_a_point_and_with_a_comma(text, values):
    found = as_number(text)
    expected = [np.nan if value is None else value for value in values]
    assert_array_equal([found.first, found.second], expected)


@pytest.mark.parametrize(
    "text",
    ["2024-13-01", "2024-00-10", "32.01.2024", "2024-01-29 25:00", "29 Jux 2024", "0000-01-01", "2024-01", "12:30",
     "1/2", "Ju 1, 2024", "1706486400", "2024-1.2", "2024-01-29 24:00", "2024-01-29 12:60", "2024-01-29 12:30:60",
     "2024-01-29" + " " * 40 + "12:30"],
)  # fmt: skip
def test_what_is_no_date_is_not_taken_for_one(text):
    assert not as_date(text).possible


@pytest.mark.parametrize(("text", "when"), [
    ("2024-01-29", "2024-01-29"), ("2024/1/9", "2024-01-09"), ("2024-01-29 23:59:59Z", "2024-01-29T23:59:59"),
    ("2024-01-29T06:30:15.25", "2024-01-29T06:30:15.25"), ("2024-01-29, 06:30", "2024-01-29T06:30"),
    ("2024-01-29 06:30:15,5", "2024-01-29T06:30:15.5"), ("2024-01-29 06:30+05:45", "2024-01-29T00:45"),
    ("2024-01-29 06:30-0330", "2024-01-29T10:00"), ("2024-01-29 14:00+12:30", "2024-01-29T01:30"),
    ("29.1.2024 07:05", "2024-01-29T07:05"),
    ("29. 1. 2024", "2024-01-29"), ("29. Jan 2024", "2024-01-29"), ("1-May-2024 10:00", "2024-05-01T10:00"),
    ("Sept. 3, 2024", "2024-09-03"), ("December 31 1999", "1999-12-31"), ("3 march 2024", "2024-03-03"),
])  # fmt: skip
def test_a_date_is_read_to_the_second(text, when):
    expected = (datetime.datetime.fromisoformat(when) - datetime.datetime(1, 1, 1)).total_seconds()
    assert as_date(text) == (expected, expected, "")


@pytest.mark.parametrize(("text", "first", "second"), [
    ("03/04/2024", "2024-04-03", "2024-03-04"), ("13-04-2024 06:00", "2024-04-13T06:00", None),
    ("04/13/2024", None, "2024-04-13"),
])  # fmt: skip
def test_a_date_with_slashes_is_read_with_the_day_first_and_with_the_month_first(text, first, second):
    start = datetime.datetime(1, 1, 1)
    expected = [
        np.nan if when is None else (datetime.datetime.fromisoformat(when) - start).total_seconds()
        for when in (first, second)
    ]
    assert_array_equal(as_date(text)[:2], expected)


def test_a_column_is_of_numbers_if_half_of_it_is():
    assert kind_of(["1", "a"]) == "numbers"
    assert kind_of(["1", "a", "b"]) == "text"
    assert kind_of(["inf", "a", "", "-"]) == "numbers", "infinity is no text, and what is missing does not count"
    assert kind_of(["2024-01-29", "a"]) == "dates"
    assert kind_of(["", "NA", "?"]) == "nothing"
    assert kind_of(["a"] * 101 + ["1"] * 500) == "text", "the first 200 decide"
    assert kind_of(["a"] * 100 + ["1"] * 500) == "numbers"


def test_every_number_that_python_writes_is_read_back_exactly():
    rng = np.random.default_rng(5)
    x = rng.standard_normal(300) * 10.0 ** rng.integers(-8, 11, 300)
    y = rng.permutation(x)
    for pattern in ("{!r},{!r}\n", "{:.17g}\t{:.17g}\n", "{:.16e} {:.16e}\n"):
        found = own_data.read("".join(pattern.format(float(a), float(b)) for a, b in zip(x, y, strict=True)), LINE)
        assert_array_equal(found.dataset.x, x)
        assert_array_equal(found.dataset.y, y)


@pytest.mark.parametrize("separator", [",", ";", "\t", " "])
@pytest.mark.parametrize("point", [".", ","])
@pytest.mark.parametrize("header", ["", "alpha{}beta\n"])
def test_every_combination_of_separator_and_decimal_sign(separator, point, header):
    if separator == point:
        pytest.skip("the same sign for both needs quotation marks")
    rng = np.random.default_rng(6)
    x, y = np.round(rng.normal(0, 50, (2, 40)), 2)
    rows = "".join(f"{a}{separator}{b}\n".replace(".", point) for a, b in zip(x, y, strict=True))
    found = own_data.read(header.format(separator) + rows, LINE)
    assert_array_equal(found.dataset.x, x)
    assert_array_equal(found.dataset.y, y)
    assert found.columns == (("alpha", "beta") if header else ("column 1", "column 2"))


def test_the_long_way_and_the_short_cut_agree():
    """A missing value or a currency sends a column the long way."""
    x = [f"{i * 7 / 64:.3f}" for i in range(1000)]
    plain = own_data.read("".join(f"{v};{i}\n" for i, v in enumerate(x)), LINE)
    comma = own_data.read("".join(f"{v};{i}\n".replace(".", ",") for i, v in enumerate(x)), LINE)
    slow = own_data.read("$ 5,000.0;-1\n" + "".join(f"{v};{i}\n" for i, v in enumerate(x)), LINE)
    assert_array_equal(comma.dataset.x, plain.dataset.x)
    assert_array_equal(slow.dataset.x[1:], plain.dataset.x)


# --- names ------------------------------------------------------------------------------------------


def test_names_are_short_plain_and_different():
    raw = "x,x,,\u202eevil\u202c,a\x1bb," + "n" * 500 + "\n" + "1,2,3,4,5,6\n" * 3
    names = own_data.read(raw, LINE).columns
    assert names[:5] == ("x", "x (2)", "column 3", "evil", "a b")
    assert len(names[5]) == MAX_NAME
    assert own_data.read(raw, LINE, x="x (2)", y="column 3").dataset.x[0] == 2
    assert own_data.read("x,x,x,x\n1,2,3,4\n", LINE).columns == ("x", "x (2)", "x (3)", "x (4)")


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "\nx", "\t=1", "\r=1", " =1", "＝1"])
def test_no_cell_can_act_as_a_formula(text):
    assert own_data.safe_cell(text) == "'" + text


@pytest.mark.parametrize("text", ["", "x", "X", "a=b", "5", "'=1"])
def test_a_harmless_cell_stays_as_it_is(text):
    assert own_data.safe_cell(text) == text


def test_hostile_names_survive_the_way_into_a_csv_and_back():
    names = own_data.read(GOOD["HTML and a formula as names"][0], LINE).columns
    assert names == ("<img src=x onerror=alert(1)>", '=HYPERLINK("http://a.example")')
    out = io.StringIO()
    csv.writer(out).writerow(map(own_data.safe_cell, names))
    back = next(csv.reader([out.getvalue()]))
    assert back == [names[0], "'" + names[1]]


# --- bounds -----------------------------------------------------------------------------------------


def test_a_hundred_thousand_rows_are_read():
    rng = np.random.default_rng(7)
    x = np.round(rng.normal(55, 15, MAX_ROWS), 2)
    raw = "score,pass\n" + "".join(f"{v},{int(v > 60)}\n" for v in x)
    found = own_data.read(raw.encode(), CLASSES)
    assert f"{MAX_ROWS} rows" in found.notes[0]
    assert_array_equal(found.dataset.x, x)


@pytest.mark.parametrize(
    "rows",
    [
        ["0,0", "1e12,1e12", "-1e12,-1e12"],
        ["1e12,0", "999999999000,1", "1000000000000,0"],
        ["1e-12,0", "3e-12,1", "2e-12,0"],
        ["0,0", "1e-300,1", "1,1"],
        ["1e12,1", "1,0", "2,1"],
        ["0,-1e12", "0,1e12"],
    ],
    ids=lambda rows: rows[0],
)
def test_every_loss_can_be_drawn_at_the_bounds(rows):
    for loss in LOSSES.values():
        lines = [f"{row.split(',')[0]},{i % 2}" for i, row in enumerate(rows)] if loss.classifies else rows
        data = own_data.read("\n".join(lines), CLASSES if loss.classifies else LINE).dataset
        objective = loss(data)
        values = evaluate(objective, Grid(*objective.view, 9, 9)).values
        assert np.isfinite(values).all(), f"{loss.name} of {lines}"
        assert np.ptp(values) > 0 or objective.minimisers in ("none", "region")


def test_the_limits_are_said():
    for number in ("5 MB", str(MAX_ROWS), str(MAX_COLUMNS), "1e12"):
        assert number in own_data.LIMITS
    assert (LARGEST, MAX_BYTES) == (1e12, 5_000_000)


# --- whatever comes ---------------------------------------------------------------------------------


def mangled(rng, raw):
    """The file with a few bytes removed, repeated, moved or replaced."""
    raw = bytearray(raw)
    for _ in range(rng.randint(1, 8)):
        at = rng.randrange(len(raw) + 1)
        piece = raw[at : at + rng.randint(1, 6)]
        what = rng.random()
        if what < 0.3:
            del raw[at : at + len(piece)]
        elif what < 0.5:
            raw[at:at] = piece * rng.randint(1, 4)
        else:
            raw[at : at + 1] = rng.choice(SNIPPETS)
    return bytes(raw)


SNIPPETS = [text.encode() for text in (
    ",", ";", "\t", " ", "\n", "\r\n", '"', "'", "#", "-", "\u2212", ".", "1e9", "NA", "inf", "=1", "<b>", "\u202e",
    "٣", "%", "$", "(", ")", "2024-02-30", "/", "yes", "|", "---", "sep=;\n", "\x00", "\ufeff", "\x1a", "\x85",
)] + [b"\xff", b"\xfe"]  # fmt: skip


@pytest.mark.parametrize("seed", range(12))
def test_a_mangled_file_gives_data_or_one_sentence(seed):
    rng = random.Random(seed)
    sound = [(raw.encode("utf-8", "replace") if isinstance(raw, str) else raw, task) for raw, task, *_ in GOOD.values()]
    for _ in range(250):
        raw, task = rng.choice(sound)
        raw = mangled(rng, raw)
        found = refusal = None
        try:
            found = own_data.read(raw, rng.choice([task, LINE, CLASSES]), swap=rng.random() < 0.3)
        except ValueError as error:
            refusal = str(error)
        if found is None:
            assert one_sentence(refusal), f"{raw!r}: {refusal}"
            continue
        assert np.isfinite([found.dataset.x, found.dataset.y]).all(), raw
        assert all(text.isprintable() for text in (*found.columns, *found.notes)), raw
