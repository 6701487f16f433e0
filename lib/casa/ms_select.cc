/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "casa/ms_impl.hh"

#include <casacore/ms/MSSel/MSSelection.h>
#include <casacore/ms/MSSel/MSSelectionTools.h>
#include <casacore/tables/TaQL/ExprNode.h>

#include <algorithm>
#include <array>
#include <numeric>
#include <sstream>

using namespace casacore;

namespace
{

struct Clause {
    const char *option;
    const char *expr;
    void (*set)(MSSelection &, const std::string &);
};

std::vector<Clause> clauses(const pc_ms_selection &s)
{
    const std::vector<Clause> all = {
        {"intent", s.intent, [](MSSelection &m, const std::string &e) { m.setStateExpr(e); }},
        {"field", s.field, [](MSSelection &m, const std::string &e) { m.setFieldExpr(e); }},
        {"spw", s.spw, [](MSSelection &m, const std::string &e) { m.setSpwExpr(e); }},
        {"timerange", s.timerange, [](MSSelection &m, const std::string &e) { m.setTimeExpr(e); }},
        {"uvrange", s.uvrange, [](MSSelection &m, const std::string &e) { m.setUvDistExpr(e); }},
        {"antenna", s.antenna, [](MSSelection &m, const std::string &e) { m.setAntennaExpr(e); }},
        {"scan", s.scan, [](MSSelection &m, const std::string &e) { m.setScanExpr(e); }},
        {"observation", s.observation, [](MSSelection &m, const std::string &e) { m.setObservationExpr(e); }},
        {"taql", s.taql, [](MSSelection &m, const std::string &e) { m.setTaQLExpr(e); }},
    };
    std::vector<Clause> used;
    for (const Clause &c : all)
        if (c.expr && *c.expr)
            used.push_back(c);
    return used;
}

std::string join(const std::vector<Clause> &used)
{
    std::string s;
    for (const Clause &c : used)
        s += (s.empty() ? "--" : " --") + std::string(c.option) + " '" + c.expr + "'";
    return s;
}

/* Names or numbers there are to choose from; "" when a list would not help. */
std::string choices(pc_ms &m, const std::string &option)
{
    std::ostringstream out;
    if (option == "field") {
        ScalarColumn<String> name(m.set.field(), "NAME");
        for (rownr_t i = 0; i < name.nrow() && i < 40; i++)
            out << (i ? ", " : "; its fields: ") << i << " '" << name(i) << "'";
    } else if (option == "spw") {
        ScalarColumn<Int> nchan(m.set.spectralWindow(), "NUM_CHAN");
        for (rownr_t i = 0; i < nchan.nrow() && i < 40; i++)
            out << (i ? ", " : "; its spectral windows: ") << i << " (" << nchan(i) << " channels)";
    } else if (option == "antenna") {
        ScalarColumn<String> name(m.set.antenna(), "NAME");
        for (rownr_t i = 0; i < name.nrow() && i < 80; i++)
            out << (i ? " " : "; its antennas: ") << name(i);
    } else if (option == "scan" && m.main.tableDesc().isColumn("SCAN_NUMBER")) {
        Vector<Int> scan = ScalarColumn<Int>(m.main, "SCAN_NUMBER").getColumn();
        out << "; its scans: " << min(scan) << " to " << max(scan);
    }
    return out.str();
}

/* How many rows the clauses select; their row numbers when asked for. Throws what casacore throws. */
rownr_t evaluate(pc_ms &m, const std::vector<Clause> &used, std::vector<int64_t> *rows, MSSelection &sel)
{
    for (const Clause &c : used)
        c.set(sel, c.expr);
    TableExprNode node = sel.toTableExprNode(&m.set);
    if (node.isNull())
        throw pc::Failure{PC_EX_USAGE, m.name + ": " + join(used) + ": casacore makes no condition of it"};
    Table chosen = m.main(node);
    if (rows) {
        Vector<rownr_t> nr = chosen.rowNumbers(m.main);
        rows->assign(nr.begin(), nr.end());
        std::sort(rows->begin(), rows->end());
    }
    return chosen.nrow();
}

/* What casacore cannot parse is the user's spelling (64); what it parses but does not find is input that is
 * not there (66). A condition in TaQL finds nothing by itself. */
bool is_misspelt(const Clause &c, const std::string &why)
{
    if (c.option == std::string("taql"))
        return true;
    for (const char *words : {"syntax error", "Parse error", "parse error"})
        if (why.find(words) != std::string::npos)
            return true;
    return false;
}

/* How many rows a clause selects by itself; one that fails is the culprit. */
rownr_t try_alone(pc_ms &m, const Clause &c)
{
    MSSelection one;
    try {
        return evaluate(m, {c}, nullptr, one);
    } catch (const std::exception &e) {
        const std::string why = pc::flat(e.what());
        const bool bad = is_misspelt(c, why);
        throw pc::Failure{bad ? PC_EX_USAGE : PC_EX_NOINPUT,
                          m.name + ": " + join({c}) +
                              (bad ? " cannot be understood (" : " selects nothing (") + why + ")" +
                              choices(m, c.option)};
    }
}

/* Says which clause left nothing: by itself, or of what those before it selected. */
void blame(pc_ms &m, const std::vector<Clause> &used)
{
    for (const Clause &c : used)
        if (try_alone(m, c) == 0)
            throw pc::Failure{PC_EX_NOINPUT,
                              m.name + ": " + join({c}) + " selects nothing" + choices(m, c.option)};
    std::vector<Clause> some{used[0]};
    for (size_t k = 1; k < used.size(); k++) {
        MSSelection sel;
        const std::string before = join(some);
        some.push_back(used[k]);
        if (evaluate(m, some, nullptr, sel) == 0)
            throw pc::Failure{PC_EX_NOINPUT, m.name + ": " + join({used[k]}) +
                                                 " leaves none of the rows that " + before +
                                                 (k == 1 ? " selects" : " select")};
    }
    throw pc::Failure{PC_EX_NOINPUT, m.name + ": no row satisfies all of " + join(used)};
}

} // namespace

namespace pc
{

std::string flat(std::string s)
{
    std::replace(s.begin(), s.end(), '\n', ' ');
    return s.size() > 200 ? s.substr(0, 200) + "..." : s;
}

std::vector<int64_t> select_rows(pc_ms &m, const pc_ms_selection &s, ChannelRanges &ranges)
{
    const std::vector<Clause> used = clauses(s);
    std::vector<int64_t> rows;
    if (used.empty()) {
        rows.resize(m.main.nrow());
        std::iota(rows.begin(), rows.end(), 0);
        return rows;
    }
    MSSelection sel;
    rownr_t n = 0;
    try {
        n = evaluate(m, used, &rows, sel);
    } catch (const AipsError &) {
        blame(m, used);
    }
    if (n == 0)
        blame(m, used);
    if (s.spw && *s.spw)
        ranges = channel_ranges(m, s.spw);
    return rows;
}

void keep_part(pc_ms &m, int part, int nparts)
{
    const Vector<Double> time = m.time.getColumn();
    std::vector<int64_t> rows;
    for (const auto &w : m.windows)
        rows.insert(rows.end(), w->row.begin(), w->row.end());
    const int64_t n = (int64_t)rows.size(), begin = n * (part - 1) / nparts, end = n * part / nparts;
    if (n < nparts)
        throw Failure{PC_EX_NOINPUT, m.name + ": " + std::to_string(nparts) +
                                         " blocks cannot be made of the " + std::to_string(n) +
                                         " rows that are selected (--rows)"};
    std::sort(rows.begin(), rows.end(),
              [&](int64_t a, int64_t b) { return time[a] < time[b] || (time[a] == time[b] && a < b); });
    std::vector<bool> keep(m.main.nrow(), false);
    for (int64_t i = begin; i < end; i++)
        keep[rows[i]] = true;
    for (auto &w : m.windows) {
        std::vector<int64_t> &r = w->row;
        r.erase(std::remove_if(r.begin(), r.end(), [&](int64_t k) { return !keep[k]; }), r.end());
        w->c.nrow = (int64_t)r.size();
        std::map<double, int64_t> count;
        for (int64_t k : r)
            count[time[k]]++;
        for (auto &e : w->epoch)
            e.nrow = count.count(e.time_s) ? count[e.time_s] : 0;
    }
}

} // namespace pc
