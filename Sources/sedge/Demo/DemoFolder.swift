#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The demo's folder: the one to keep, or one of its own that goes with it.
final class DemoFolder {
    let path: String
    private let isKept: Bool

    init(keeping kept: String?) throws {
        isKept = kept != nil
        if let kept {
            guard mkdir(kept, 0o700) == 0 || errno == EEXIST else { throw Failure.system("make", path: kept) }
            path = kept
            return
        }
        var template = Array("/tmp/sedge-demo-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Failure.system("make a folder in", path: "/tmp") }
        path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    deinit {
        guard !isKept, let directory = opendir(path) else { return }
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { unlink("\(path)/\(name)") }
        }
        closedir(directory)
        rmdir(path)
    }
}
