#ifndef SEDGE_CSQLITE_SHIM_H
#define SEDGE_CSQLITE_SHIM_H

#include <sqlite3.h>

/* What Swift can not call: SQLITE_TRANSIENT is a cast, and sqlite3_db_config() is variadic. */

/* Binds a copy of the text. */
static inline int sedge_sqlite_bind_text(sqlite3_stmt *statement, int index, const char *text, sqlite3_uint64 count) {
    return sqlite3_bind_text64(statement, index, text, count, SQLITE_TRANSIENT, SQLITE_UTF8);
}

/* Binds a copy of the bytes; none are an empty blob and not NULL. */
static inline int sedge_sqlite_bind_blob(sqlite3_stmt *statement, int index, const void *bytes, sqlite3_uint64 count) {
    return count == 0 ? sqlite3_bind_zeroblob(statement, index, 0)
                      : sqlite3_bind_blob64(statement, index, bytes, count, SQLITE_TRANSIENT);
}

/* Switches an SQLITE_DBCONFIG_* option that takes an int. */
static inline int sedge_sqlite_configure(sqlite3 *database, int option, int value) {
    return sqlite3_db_config(database, option, value, (int *)0);
}

#endif
