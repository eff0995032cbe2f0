/* Loaded before the C library, it writes down what a process does to the files of one folder:
   what is created, written, cut, synchronised and removed, in that order, with the bytes.

   RECORDED_FOLDER is the folder, RECORDING the file to write to. One entry is a line
   "kind offset length path\n" and then so many bytes. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

enum { FILES = 1024 };
static char names[FILES][PATH_MAX];
static int recording = -1;
static const char *folder;

#define REAL(type, name, ...) type (*real)(__VA_ARGS__) = dlsym(RTLD_NEXT, name)

__attribute__((constructor)) static void begin(void) {
    REAL(int, "open", const char *, int, ...);
    folder = getenv("RECORDED_FOLDER");
    const char *target = getenv("RECORDING");
    if (folder && target) recording = real(target, O_WRONLY | O_CREAT | O_APPEND, 0600);
}

static int ours(const char *path) {
    return recording >= 0 && path && strncmp(path, folder, strlen(folder)) == 0;
}

static const char *name_of(int file) {
    return file >= 0 && file < FILES && names[file][0] ? names[file] : NULL;
}

static void note(char kind, const char *path, long long offset, const void *data, size_t length) {
    char head[PATH_MAX + 64];
    int size = snprintf(head, sizeof head, "%c %lld %zu %s\n", kind, offset, length, path);
    struct iovec parts[] = {{head, size}, {(void *)data, length}};
    if (writev(recording, parts, 2) != (ssize_t)(size + length)) abort();
}

static int opened(int file, const char *path, int flags, int was_there) {
    if (file < 0 || file >= FILES) return file;
    names[file][0] = 0;
    if (!ours(path)) return file;
    snprintf(names[file], PATH_MAX, "%s", path);
    if (!was_there) note('c', path, 0, NULL, 0);
    else if (flags & O_TRUNC) note('t', path, 0, NULL, 0);
    return file;
}

#define OPEN(name)                                                     \
    int name(const char *path, int flags, ...) {                       \
        REAL(int, #name, const char *, int, ...);                      \
        va_list more;                                                  \
        va_start(more, flags);                                         \
        int mode = flags & O_CREAT ? va_arg(more, int) : 0;            \
        va_end(more);                                                  \
        int was_there = access(path, F_OK) == 0;                       \
        return opened(real(path, flags, mode), path, flags, was_there); \
    }
OPEN(open)
OPEN(open64)

#define PWRITE(name, offset_t)                                               \
    ssize_t name(int file, const void *data, size_t length, offset_t at) {   \
        REAL(ssize_t, #name, int, const void *, size_t, offset_t);           \
        ssize_t done = real(file, data, length, at);                         \
        if (done > 0 && name_of(file)) note('w', name_of(file), at, data, done); \
        return done;                                                         \
    }
PWRITE(pwrite, off_t)
PWRITE(pwrite64, off64_t)

ssize_t write(int file, const void *data, size_t length) {
    REAL(ssize_t, "write", int, const void *, size_t);
    off_t at = name_of(file) ? lseek(file, 0, SEEK_CUR) : 0;
    ssize_t done = real(file, data, length);
    if (done > 0 && name_of(file)) note('w', name_of(file), at, data, done);
    return done;
}

#define SYNC(name)                                                     \
    int name(int file) {                                               \
        REAL(int, #name, int);                                         \
        int done = real(file);                                         \
        if (name_of(file)) note('s', name_of(file), 0, NULL, 0);       \
        return done;                                                   \
    }
SYNC(fsync)
SYNC(fdatasync)

#define CUT(name, offset_t)                                            \
    int name(int file, offset_t length) {                              \
        REAL(int, #name, int, offset_t);                               \
        int done = real(file, length);                                 \
        if (name_of(file)) note('t', name_of(file), length, NULL, 0);  \
        return done;                                                   \
    }
CUT(ftruncate, off_t)
CUT(ftruncate64, off64_t)

int unlink(const char *path) {
    REAL(int, "unlink", const char *);
    int done = real(path);
    if (done == 0 && ours(path)) note('u', path, 0, NULL, 0);
    return done;
}

int close(int file) {
    REAL(int, "close", int);
    if (file >= 0 && file < FILES) names[file][0] = 0;
    return real(file);
}
