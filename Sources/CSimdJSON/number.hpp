#pragma once

#include <cstddef>
#include <cstdint>

namespace sedge {

enum class NumberKind { finite, not_finite, invalid };

/// Reads a whole decimal text; see `sedge_number_parse`. A number too small for a double is zero.
NumberKind parse_number(const char *text, std::size_t length, double &value) noexcept;

}  // namespace sedge
