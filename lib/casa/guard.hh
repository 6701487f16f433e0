/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_CASA_GUARD_HH
#define PC_CASA_GUARD_HH

/* The boundary between C++ and C: exceptions travel freely inside; guard() turns them into struct pc_err. */

extern "C" {
#include "base/err.h"
}

#include <exception>
#include <new>
#include <string>

namespace pc
{

/* An error of ours on its way to the boundary: exit code and sentence. */
struct Failure {
    int code;
    std::string msg;
};

/* Runs f; 0, or -1 with err set from whatever was thrown. */
template <class F> int guard(struct pc_err *err, const char *what, F f)
{
    try {
        f();
        return 0;
    } catch (const Failure &e) {
        return pc_err_set(err, e.code, "%s", e.msg.c_str());
    } catch (const std::bad_alloc &) {
        return pc_err_set(err, PC_EX_NOMEM, "%s: out of memory", what);
    } catch (const std::exception &e) {
        return pc_err_set(err, PC_EX_DATA, "%s: casacore: %s", what, e.what());
    } catch (...) {
        return pc_err_set(err, PC_EX_BUG, "%s: unknown exception", what);
    }
}

/* casacore's parsers and readers log to stderr, which belongs to the tool: their exceptions say the same.
 * guard.cc */
void hush_casacore();

} // namespace pc

#endif
