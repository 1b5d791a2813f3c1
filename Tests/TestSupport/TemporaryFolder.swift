#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A new folder under `TMPDIR` that goes, with all that is in it, when nobody holds it any more.
package final class TemporaryFolder: Sendable {
    package let path: String

    package init() {
        let parent = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var template = Array("\(parent)/sedge-test-XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else {
            fatalError("no temporary folder in \(parent): \(String(cString: strerror(errno)))")
        }
        path = String(cString: made)
    }

    deinit { Self.removeAll(path) }

    package func file(_ name: String) -> String { "\(path)/\(name)" }

    /// Writes a file in the folder, and tells its path.
    @discardableResult
    package func write(_ name: String, _ text: String) throws -> String {
        let path = file(name)
        try TestFile.write(Array(text.utf8), to: path)
        return path
    }

    /// A link is removed, not followed.
    private static func removeAll(_ path: String) {
        if unlink(path) == 0 { return }
        guard let folder = opendir(path) else { return }
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { removeAll("\(path)/\(name)") }
        }
        closedir(folder)
        rmdir(path)
    }
}
