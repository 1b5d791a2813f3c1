#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Something that can be started.
package enum Program: Sendable {
    /// The programs built here: in `SEDGE_BIN`, or else in the folder of the running test bundle.
    case sedged
    case sedge
    /// A tool of the system, by path, or by name in `PATH` and the administrators' folders.
    case tool(String)

    package var path: String {
        switch self {
        case .sedged: "\(Self.builtFolder)/sedged"
        case .sedge: "\(Self.builtFolder)/sedge"
        case .tool(let name): Self.find(name)
        }
    }

    /// What starts it: the path, and before it the words of `SEDGE_TEST_LAUNCHER` for what is built here: an emulator,
    /// for programs of another machine.
    package var command: [String] {
        switch self {
        case .sedged, .sedge:
            (environment("SEDGE_TEST_LAUNCHER")?.split(separator: " ").map(String.init) ?? []) + [path]
        case .tool: [path]
        }
    }

    /// Whether there is such a program.
    package var exists: Bool { access(path, X_OK) == 0 }

    package static var builtFolder: String {
        if let folder = environment("SEDGE_BIN") { return folder }
        var buffer = [CChar](repeating: 0, count: 4096)
        let count = readlink("/proc/self/exe", &buffer, buffer.count - 1)
        let bytes = buffer.prefix(max(count, 0)).map { UInt8(bitPattern: $0) }
        return String(decoding: bytes, as: UTF8.self).split(separator: "/", omittingEmptySubsequences: false)
            .dropLast().joined(separator: "/")
    }

    private static func find(_ name: String) -> String {
        if name.contains("/") { return name }
        // Debian keeps brokers in /usr/sbin, which is not in everyone's PATH.
        let folders = (environment("PATH") ?? "").split(separator: ":").map(String.init)
        let candidates = (folders + ["/usr/sbin", "/usr/local/sbin", "/sbin"]).map { "\($0)/\(name)" }
        return candidates.first { access($0, X_OK) == 0 } ?? name
    }
}

/// A variable of the environment; nil when it is not set or empty.
package func environment(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
}
