/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_CASA_IMAGE_IMPL_HH
#define PC_CASA_IMAGE_IMPL_HH

#include "casa/guard.hh"

#include <string>

/* What image*.cc share. */

namespace pc
{

[[noreturn]] inline void fail(int code, const std::string &sentence)
{
    throw Failure{code, sentence};
}

/* A product under a name of this process, which goes unless it is finished. It replaces its own kind only: a
 * MeasurementSet is a table, too. image_product.cc */
class Product
{
  public:
    enum class Kind { fits, casa };
    Product(const char *name, Kind kind, bool overwrite);
    ~Product();
    Product(const Product &) = delete;
    Product &operator=(const Product &) = delete;
    const std::string &temporary() const
    {
        return m_temporary;
    }
    void finish();

  private:
    std::string m_name, m_temporary;
};

} // namespace pc

#endif
