/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "casa/msnew_impl.hh"

#include <casacore/measures/Measures/MDirection.h>
#include <casacore/ms/MeasurementSets/MSColumns.h>
#include <casacore/ms/MeasurementSets/MSSource.h>
#include <casacore/tables/Tables/SetupNewTab.h>

#include <cstdio>

using namespace casacore;

namespace
{

double middle_s(const pc_msnew &m)
{
    return (m.conf.time_begin_s + m.conf.time_end_s) / 2;
}

double length_s(const pc_msnew &m)
{
    return m.conf.time_end_s - m.conf.time_begin_s + m.conf.dt_s;
}

Matrix<Double> direction(const pc_msnew &m)
{
    Matrix<Double> d(2, 1);
    d(0, 0) = m.conf.ra_rad;
    d(1, 0) = m.conf.dec_rad;
    return d;
}

void fill_antenna(pc_msnew &m)
{
    m.set.antenna().addRow(m.conf.nant);
    MSAntennaColumns c(m.set.antenna());
    for (int i = 0; i < m.conf.nant; i++) {
        char name[16], station[16];
        const char *maker = m.conf.diam_m[i] < 12 ? "CM" : i % 2 ? "DV" : "DA"; /* as ALMA names its dishes */
        snprintf(name, sizeof name, "%s%02d", maker, i / 2 + 1);
        snprintf(station, sizeof station, "A%03d", i + 1);
        Vector<Double> xyz(3);
        for (int k = 0; k < 3; k++)
            xyz[k] = m.conf.xyz_m[3 * i + k];
        c.name().put(i, name);
        c.station().put(i, station);
        c.type().put(i, "GROUND-BASED");
        c.mount().put(i, "ALT-AZ");
        c.position().put(i, xyz);
        c.offset().put(i, Vector<Double>(3, 0.0));
        c.dishDiameter().put(i, m.conf.diam_m[i]);
        c.flagRow().put(i, False);
    }
}

void fill_feed(pc_msnew &m)
{
    m.set.feed().addRow(m.conf.nant);
    MSFeedColumns c(m.set.feed());
    Vector<String> pol(2);
    pol[0] = "X";
    pol[1] = "Y";
    Matrix<Complex> response(2, 2, Complex(0));
    response(0, 0) = response(1, 1) = 1;
    for (int i = 0; i < m.conf.nant; i++) {
        c.antennaId().put(i, i);
        c.feedId().put(i, 0);
        c.spectralWindowId().put(i, -1);
        c.time().put(i, middle_s(m));
        c.interval().put(i, length_s(m));
        c.numReceptors().put(i, 2);
        c.beamId().put(i, -1);
        c.beamOffset().put(i, Matrix<Double>(2, 2, 0.0));
        c.polarizationType().put(i, pol);
        c.polResponse().put(i, response);
        c.position().put(i, Vector<Double>(3, 0.0));
        c.receptorAngle().put(i, Vector<Double>(2, 0.0));
    }
}

void fill_field(pc_msnew &m)
{
    m.set.field().addRow();
    MSFieldColumns c(m.set.field());
    c.name().put(0, m.conf.field);
    c.code().put(0, "none");
    c.time().put(0, m.conf.time_begin_s);
    c.numPoly().put(0, 0);
    c.delayDir().put(0, direction(m));
    c.phaseDir().put(0, direction(m));
    c.referenceDir().put(0, direction(m));
    c.sourceId().put(0, 0);
    c.flagRow().put(0, False);
}

void fill_spectral_window(pc_msnew &m)
{
    const int n = m.conf.nchan;
    m.set.spectralWindow().addRow();
    MSSpWindowColumns c(m.set.spectralWindow());
    Vector<Double> freq(n);
    std::copy(m.conf.freq_hz, m.conf.freq_hz + n, freq.begin());
    const Vector<Double> size(n, std::abs(m.conf.width_hz));
    c.numChan().put(0, n);
    c.name().put(0, "line");
    c.refFrequency().put(0, freq[0]);
    c.chanFreq().put(0, freq);
    c.chanWidth().put(0, Vector<Double>(n, m.conf.width_hz));
    c.measFreqRef().put(0, MFrequency::LSRK);
    c.effectiveBW().put(0, size);
    c.resolution().put(0, size);
    c.totalBandwidth().put(0, n * std::abs(m.conf.width_hz));
    c.netSideband().put(0, m.conf.width_hz < 0 ? -1 : 1);
    c.ifConvChain().put(0, 0);
    c.freqGroup().put(0, 0);
    c.freqGroupName().put(0, "");
    c.flagRow().put(0, False);
}

/* XX is receptors 0, 0 and YY is 1, 1. */
void fill_polarization(pc_msnew &m)
{
    m.set.polarization().addRow();
    MSPolarizationColumns c(m.set.polarization());
    Vector<Int> type(m.conf.ncorr);
    Matrix<Int> product(2, m.conf.ncorr);
    for (int i = 0; i < m.conf.ncorr; i++) {
        type[i] = m.conf.corr[i] == -5 ? Stokes::XX : Stokes::YY;
        product.column(i) = m.conf.corr[i] == -5 ? 0 : 1;
    }
    c.numCorr().put(0, m.conf.ncorr);
    c.corrType().put(0, type);
    c.corrProduct().put(0, product);
    c.flagRow().put(0, False);
    m.set.dataDescription().addRow();
    MSDataDescColumns d(m.set.dataDescription());
    d.spectralWindowId().put(0, 0);
    d.polarizationId().put(0, 0);
    d.flagRow().put(0, False);
}

void fill_observation(pc_msnew &m)
{
    m.set.observation().addRow();
    MSObservationColumns c(m.set.observation());
    Vector<Double> range(2);
    range[0] = m.conf.time_begin_s - m.conf.dt_s / 2;
    range[1] = m.conf.time_end_s + m.conf.dt_s / 2;
    c.telescopeName().put(0, "ALMA");
    c.timeRange().put(0, range);
    c.observer().put(0, m.conf.observer);
    c.log().put(0, Vector<String>(1, "simulated"));
    c.scheduleType().put(0, "");
    c.schedule().put(0, Vector<String>(1, ""));
    c.project().put(0, m.conf.project);
    c.releaseDate().put(0, range[1]);
    c.flagRow().put(0, False);
}

void fill_state(pc_msnew &m)
{
    m.set.state().addRow();
    MSStateColumns c(m.set.state());
    c.sig().put(0, True);
    c.ref().put(0, False);
    c.cal().put(0, 0);
    c.load().put(0, 0);
    c.subScan().put(0, 1);
    c.obsMode().put(0, "OBSERVE_TARGET#ON_SOURCE");
    c.flagRow().put(0, False);
    m.set.processor().addRow();
    MSProcessorColumns p(m.set.processor());
    p.type().put(0, "CORRELATOR");
    p.subType().put(0, "SIMULATED");
    p.typeId().put(0, -1);
    p.modeId().put(0, -1);
    p.flagRow().put(0, False);
}

void fill_pointing(pc_msnew &m)
{
    m.set.pointing().addRow(m.conf.nant);
    MSPointingColumns c(m.set.pointing());
    for (int i = 0; i < m.conf.nant; i++) {
        c.antennaId().put(i, i);
        c.time().put(i, middle_s(m));
        c.interval().put(i, length_s(m));
        c.name().put(i, m.conf.field);
        c.numPoly().put(i, 0);
        c.timeOrigin().put(i, m.conf.time_begin_s);
        c.direction().put(i, direction(m));
        c.target().put(i, direction(m));
        c.tracking().put(i, True);
    }
}

void fill_history(pc_msnew &m)
{
    m.set.history().addRow();
    MSHistoryColumns c(m.set.history());
    c.time().put(0, m.conf.time_begin_s);
    c.observationId().put(0, 0);
    c.message().put(0, "simulated by pc-mock");
    c.priority().put(0, "NORMAL");
    c.origin().put(0, "pc-mock");
    c.objectId().put(0, 0);
    c.application().put(0, "pc-mock");
    c.cliCommand().put(0, Vector<String>(1, ""));
    c.appParams().put(0, Vector<String>(1, ""));
}

void fill_source(pc_msnew &m)
{
    TableDesc td = MSSource::requiredTableDesc();
    MSSource::addColumnToDesc(td, MSSource::REST_FREQUENCY);
    MSSource::addColumnToDesc(td, MSSource::SYSVEL);
    MSSource::addColumnToDesc(td, MSSource::TRANSITION);
    SetupNewTable setup(m.set.sourceTableName(), td, Table::New);
    m.set.rwKeywordSet().defineTable(MS::keywordName(MS::SOURCE), Table(setup));
    m.set.initRefs();
    m.set.source().addRow();
    MSSourceColumns c(m.set.source());
    Vector<Double> dir(2);
    dir[0] = m.conf.ra_rad;
    dir[1] = m.conf.dec_rad;
    c.sourceId().put(0, 0);
    c.time().put(0, middle_s(m));
    c.interval().put(0, length_s(m));
    c.spectralWindowId().put(0, 0);
    c.numLines().put(0, 1);
    c.name().put(0, m.conf.field);
    c.calibrationGroup().put(0, 0);
    c.code().put(0, "none");
    c.direction().put(0, dir);
    c.properMotion().put(0, Vector<Double>(2, 0.0));
    c.restFrequency().put(0, Vector<Double>(1, m.conf.restfreq_hz));
    c.sysvel().put(0, Vector<Double>(1, 0.0));
    c.transition().put(0, Vector<String>(1, "line"));
}

} // namespace

namespace pc
{

void fill_subtables(pc_msnew &m)
{
    fill_antenna(m);
    fill_feed(m);
    fill_field(m);
    fill_spectral_window(m);
    fill_polarization(m);
    fill_observation(m);
    fill_state(m);
    fill_pointing(m);
    fill_history(m);
    fill_source(m);
}

} // namespace pc
