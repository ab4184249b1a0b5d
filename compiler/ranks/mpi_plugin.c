// SPDX-License-Identifier: Apache-2.0
//
// transport.h by MPI: built into axgen_mpi.so, where MPI is installed. Messages are polled for: a blocking receive of
// Open MPI's keeps a core busy.
#include "compiler/ranks/transport.h"

#include <assert.h>
#include <limits.h>
#include <mpi/mpi.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

// A message that is on its way.
typedef struct sent {
  struct sent *next;
  MPI_Request request;
  void *data;
} sent;

static sent *under_way;

// ---- who is here ----

// Of the cores that this process may use: each counts as a part of one where other ranks of the machine may use it too.
static int share_of_cores(void) {
  MPI_Comm machine;
  int ranks = 1;
  cpu_set_t mine, *all;
  if (MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &machine) != MPI_SUCCESS)
    return 1;
  MPI_Comm_size(machine, &ranks);
  CPU_ZERO(&mine);
  sched_getaffinity(0, sizeof mine, &mine);
  all = calloc((size_t)ranks, sizeof *all);
  assert(all);
  MPI_Allgather(&mine, sizeof mine, MPI_BYTE, all, sizeof mine, MPI_BYTE, machine);
  double share = 0;
  for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
    int users = 0;
    for (int i = 0; i < ranks; i++)
      users += CPU_ISSET(cpu, &all[i]) != 0;
    share += CPU_ISSET(cpu, &mine) ? 1.0 / users : 0;
  }
  free(all);
  MPI_Comm_free(&machine);
  return share < 1 ? 1 : (int)(share + 1e-6);
}

static bool open_mpi(transport_place *out) {
  int level;
  if (MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &level) != MPI_SUCCESS || level < MPI_THREAD_FUNNELED)
    return false;
  MPI_Comm_rank(MPI_COMM_WORLD, &out->rank);
  MPI_Comm_size(MPI_COMM_WORLD, &out->size);
  out->threads = share_of_cores();
  // From now on a rank that dies is no reason for the others to end.
  MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
  return true;
}

// ---- messages ----

static void tidy(void) {
  for (sent **at = &under_way; *at;) {
    sent *s = *at;
    int done = 0;
    if (MPI_Test(&s->request, &done, MPI_STATUS_IGNORE) == MPI_SUCCESS && !done) {
      at = &s->next;
      continue;
    }
    *at = s->next;
    free(s->data);
    free(s);
  }
}

static bool send_mpi(int to, int tag, const void *data, size_t size) {
  if (size > INT_MAX)
    return false;
  sent *s = malloc(sizeof *s);
  void *copy = malloc(size ? size : 1);
  assert(s && copy);
  if (size)
    memcpy(copy, data, size);
  *s = (sent){under_way, MPI_REQUEST_NULL, copy};
  if (MPI_Isend(copy, (int)size, MPI_BYTE, to, tag, MPI_COMM_WORLD, &s->request) != MPI_SUCCESS) {
    free(copy);
    free(s);
    return false; // NOLINT(clang-analyzer-optin.mpi.MPI-Checker): there is no request
  }
  under_way = s; // tidy waits for it
  return true;
}

static bool receive_mpi(transport_message *out) {
  int there = 0, size = 0;
  MPI_Message message;
  MPI_Status status;
  tidy();
  if (MPI_Improbe(MPI_ANY_SOURCE, MPI_ANY_TAG, MPI_COMM_WORLD, &there, &message, &status) != MPI_SUCCESS || !there ||
      MPI_Get_count(&status, MPI_BYTE, &size) != MPI_SUCCESS)
    return false;
  void *data = malloc(size > 0 ? (size_t)size : 1);
  assert(data);
  if (MPI_Mrecv(data, size, MPI_BYTE, &message, &status) != MPI_SUCCESS) {
    free(data);
    return false;
  }
  *out = (transport_message){status.MPI_SOURCE, status.MPI_TAG, data, (size_t)size};
  return true;
}

static void close_mpi(void) { MPI_Finalize(); }

extern const transport axgen_transport __attribute__((visibility("default")));
const transport axgen_transport = {
    .name =
#ifdef OMPI_MAJOR_VERSION
        "Open MPI",
#else
        "MPI",
#endif
    .open = open_mpi,
    .send = send_mpi,
    .receive = receive_mpi,
    .close = close_mpi,
};
