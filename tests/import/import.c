// SPDX-License-Identifier: Apache-2.0
//
// import FILE DIR [READING [A_PORT]]: mul_import_cli, or with a reading (0: detect, 1 signed ...) only the import. Then
// the netlist that was written is read back by path.
#include "genlib/genlib.h"
#include "synth/import.h"

#include <stdlib.h>
#include <string.h>

bool mul_import_cli(arena *mem, const char *path, const char *output_dir, bool json, diag *d);

int main(int argc, char **argv) {
  arena *mem = arena_new();
  diag d = {0};
  bool ok = argc > 2;
  if (argc == 3) {
    ok = mul_import_cli(mem, argv[1], argv[2], getenv("JSON") != NULL, &d);
  } else if (argc > 3) {
    import_options o = {.reading = (import_reading)atoi(argv[3]), .a_port = argc > 4 ? argv[4] : NULL, .name = "it"};
    import_report r;
    const mul *m;
    str text = {0};
    ok = synth_import_verilog(mem, argv[1], &o, &m, &r, &d);
    if (ok) {
      synth_import_print(m, &r, &text);
      const char *path = path_join(mem, argv[2], "it.net");
      ok = file_write(path, text.data, text.len, &d);
      str_free(&text);
      const mul *back = ok ? mul_make(mem, path, &d) : NULL;
      ok = back && !memcmp(back->table, m->table, sizeof *m->table << (m->sig.a_bits + m->sig.b_bits));
      synth_import_text(m, &r, &text);
      fputs(text.data, stdout);
      str_free(&text);
    }
  }
  if (d.text.data)
    fputs(d.text.data, stderr);
  diag_free(&d);
  arena_free(mem);
  return ok ? 0 : 1;
}
