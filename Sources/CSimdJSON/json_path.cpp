#include "json_path.hpp"

namespace sedge {
namespace {

bool ends_name(char c) {
    return c == '\0' || c == '.' || c == '[' || c == ']' || c == '*' || c == '\'' || c == '"' || c == '$' ||
           static_cast<unsigned char>(c) <= ' ';
}

/// Reads what stands between a quote and its like; a backslash takes the next character as it is.
bool read_quoted(const char *text, std::size_t &offset, std::string &name) {
    const char quote = text[offset++];
    while (text[offset] != quote) {
        if (text[offset] == '\\') ++offset;
        if (text[offset] == '\0') return false;
        name.push_back(text[offset++]);
    }
    ++offset;
    return true;
}

}  // namespace

const char *JSONPath::compile(const char *text, JSONPath &path, std::size_t &offset) {
    offset = 0;
    if (text[0] != '$') return "a path that begins with $, such as $.temp, $.data.acc[0] or $.samples[*].temp";
    offset = 1;
    while (text[offset] != '\0') {
        PathStep step{PathStep::Kind::key, {}, 0};
        if (text[offset] == '.') {
            ++offset;
            while (!ends_name(text[offset])) step.key.push_back(text[offset++]);
            if (step.key.empty()) return "a name after the dot; a name with other characters is written ['so']";
        } else if (text[offset] == '[') {
            ++offset;
            if (text[offset] == '*') {
                if (path.has_wildcard) return "at most one [*]";
                step.kind = PathStep::Kind::wildcard;
                ++offset;
            } else if (text[offset] == '\'' || text[offset] == '"') {
                if (!read_quoted(text, offset, step.key)) return "a closing quote";
            } else if (text[offset] >= '0' && text[offset] <= '9') {
                step.kind = PathStep::Kind::index;
                while (text[offset] >= '0' && text[offset] <= '9') {
                    step.index = step.index * 10 + static_cast<std::size_t>(text[offset] - '0');
                    if (step.index > 1'000'000) return "an index of at most 1000000";
                    ++offset;
                }
            } else {
                return "an index from 0, *, or a quoted name";
            }
            if (text[offset] != ']') return "]";
            ++offset;
        } else {
            return ".name, [index], [*] or the end";
        }
        if (step.kind == PathStep::Kind::wildcard) {
            path.has_wildcard = true;
        } else {
            (path.has_wildcard ? path.after : path.before).push_back(std::move(step));
        }
    }
    return nullptr;
}

}  // namespace sedge
