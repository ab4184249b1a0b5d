#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# house.sh: prints the picture of docs/architecture.md for Graphviz: the folders of layers.txt, and which of them each
# includes, without the arrows that others imply. `make house` draws docs/house.svg, which tests/layers.sh compares.
cd "$(dirname "$0")/.." || exit 1
{
  echo 'digraph house {'
  echo '  node [shape=box, style="filled,rounded", fontname="Helvetica", fontsize=11, margin="0.12,0.06"];'
  echo '  edge [color="#888888", arrowsize=0.6];'
  echo '  rankdir=TB; ranksep=0.35; nodesep=0.2; bgcolor="white";'
  # A room: its folder, and what it holds in short, in lines of about 26 letters.
  sed -n 's/^\([a-z][^ ]*\)  *\(.*\)/\1 \2/p' layers.txt | awk '
    {
      folder = $1
      text = substr($0, length(folder) + 2)
      sub(/ *([:;(]|[.] |[.]$).*/, "", text)
      while (length(text) > 60 && match(text, /, [^,]*$/)) text = substr(text, 1, RSTART - 1)
      n = split(text, word, " "); line = ""; said = ""
      for (i = 1; i <= n; i++) {
        if (length(line) + length(word[i]) > 26) { said = said line "\\n"; line = "" }
        line = line (line == "" ? "" : " ") word[i]
      }
      colour = folder ~ /^(genlib|synth|sim)/ ? "#fff2cc" : folder ~ /target/ ? "#f4cccc" : \
               folder ~ /^compiler\/(base|tool|plot)/ ? "#eeeeee" : \
               folder ~ /^compiler\/(engine|infer|quant|explore)/ ? "#d9ead3" : "#cfe2f3"
      printf "  \"%s\" [label=\"%s\\n%s%s\", fillcolor=\"%s\"];\n", folder, folder, said, line, colour
    }'
  for folder in $(sed -n 's/^\([a-z][^ ]*\).*/\1/p' layers.txt); do
    cat "$folder"/*.[ch] | sed -n 's/^#include "\(.*\)\/[^/]*".*/\1/p' | sort -u |
      while read -r used; do
        if [ "$used" != "$folder" ] && grep -q "^$used " layers.txt; then
          echo "  \"$folder\" -> \"$used\";"
        fi
      done
  done
  echo '}'
} | tred
