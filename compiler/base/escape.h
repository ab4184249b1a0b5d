// SPDX-License-Identifier: Apache-2.0
//
// escape: text from outside (names, paths, what tools print) on its way into generated text. One function a language;
// nothing else in the project puts such text into a file.
//
// Scripts for Yosys and OpenSTA, file lists and make need no function: only words that axgen made itself go there
// (word_is_plain), and tools are given no other paths than those: files from elsewhere are linked or copied into the
// folder in which the tool runs.
#ifndef AXGEN_ESCAPE_H
#define AXGEN_ESCAPE_H

#include "compiler/base/base.h"

// Names, paths and arguments are UTF-8 without control characters (nor those that reorder or break lines, such as
// U+202E and U+2028). NULL, or what is wrong: "a control character", "bytes that are not UTF-8".
const char *text_fault(const char *text);
// Only letters, digits and `_ . / -`, neither empty nor with a dash first: means itself in every language here.
bool word_is_plain(const char *word);

// All append `text` to `out`, written so that the language reads it as one piece of data. What a language cannot hold
// becomes \xNN (bytes) or U+FFFD (XML), so that the result is readable and of one line.
typedef void escape_fn(str *out, const char *text);
escape_fn escape_comment; // what follows // in Verilog and C, or # in a netlist; in quotes unless it is plain
escape_fn escape_verilog_name; // an identifier; escaped ones end with their blank. Expects printable ASCII, no blanks
escape_fn escape_xml; // SVG and HTML: between tags or inside a quoted attribute
escape_fn escape_dot; // inside the quotes of a Graphviz string
escape_fn escape_csv; // a field (RFC 4180)
escape_fn escape_json; // inside the quotes of a string, where cJSON does not write it
escape_fn escape_json_document; // a whole document, as cJSON prints it: what a terminal would obey becomes \u escapes
escape_fn escape_yaml; // a scalar that any YAML reader takes as this very text
escape_fn escape_terminal; // for people: control characters shown (\x1b, \u202e); lines and tabs stay

// One character of a terminal's line (not the end of `text`); `columns` grows by its width. Returns the bytes it took.
size_t escape_character(str *out, const char *text, int *columns);
// The bytes of the UTF-8 character at `text`; 1 where there is none.
size_t character_bytes(const char *text);

// The same as a new text, for the arguments of printf.
char *escaped(arena *mem, escape_fn *how, const char *text);

// A CSV cell that begins with one of these is a formula to spreadsheets. Names that do are refused where CSV is made.
bool csv_is_formula(const char *text);

#endif
