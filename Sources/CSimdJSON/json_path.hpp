#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace sedge {

/// One step of a path into a JSON document.
struct PathStep {
    enum class Kind { key, index, wildcard };
    Kind kind;
    std::string key;
    std::size_t index = 0;
};

/// A compiled path: `$.data.acc[0]`. Steps before the wildcard lead to an array, those after it start at each of its
/// elements; without a wildcard all steps come before it.
struct JSONPath {
    std::vector<PathStep> before;
    std::vector<PathStep> after;
    bool has_wildcard = false;

    /// Whether the root must be an object.
    bool starts_with_key() const { return !before.empty() && before[0].kind == PathStep::Kind::key; }

    /// Returns what was expected at `offset`, or NULL. May throw std::bad_alloc.
    static const char *compile(const char *text, JSONPath &path, std::size_t &offset);
};

}  // namespace sedge
