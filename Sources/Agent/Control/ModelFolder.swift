import Control
import SedgeCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The bundles that came from afar, beside the database: files named by their digest. Which of them are wanted is told
/// by what was recorded and by nothing here, so no power cut can make the two differ; the others are removed.
///
/// Everything is written beside its place, synced and renamed, so that a power cut leaves the old or the new.
struct ModelFolder: Sendable {
    let path: String

    /// - Parameter database: the store's path.
    init(database: String) {
        path = "\(FilePath.folder(of: database))/models"
    }

    func file(_ digest: ContentDigest) -> String { "\(path)/\(digest.hexadecimal).safetensors" }

    /// A bundle that lies here whole; nil where it does not, or is another than its name says.
    func read(_ digest: ContentDigest) -> [UInt8]? {
        guard let bytes = try? FileBytes.read(file(digest), limit: BundleManifest.maximumSize),
            ContentDigest(of: bytes) == digest
        else { return nil }
        return bytes
    }

    func keep(_ bytes: [UInt8], _ digest: ContentDigest) throws(FileError) {
        try prepare()
        try write(bytes, to: file(digest))
    }

    /// Removes every bundle but these, whole or in parts, and what a power cut left half written.
    func remove(but named: Set<ContentDigest>) {
        let kept = Set(named.flatMap { ["\($0.hexadecimal).safetensors", "\($0.hexadecimal).parts"] })
        for name in names() {
            let isUnnamed = (name.hasSuffix(".safetensors") || name.hasSuffix(".parts")) && !kept.contains(name)
            if isUnnamed || name.hasSuffix(".new") { unlink("\(path)/\(name)") }
        }
    }

    // MARK: A bundle that comes in parts

    /// Which parts of a bundle lie here: each is checked, so a half-written one is none.
    func parts(of manifest: BundleManifest) -> Set<Int> {
        guard let bytes = try? FileBytes.read(partial(manifest.digest), limit: manifest.size) else { return [] }
        return Set(
            manifest.parts.indices.filter { number in
                let start = number * manifest.partSize
                let end = start + manifest.length(of: number)
                return end <= bytes.count && manifest.isPart(number, Array(bytes[start..<end]))
            })
    }

    func keep(_ part: [UInt8], number: Int, of manifest: BundleManifest) throws(FileError) {
        try prepare()
        let file = partial(manifest.digest)
        let descriptor = open(file, O_WRONLY | O_CREAT | O_CLOEXEC, 0o640)
        guard descriptor >= 0 else { throw FileError(path: file, code: errno) }
        defer { close(descriptor) }
        var written = 0
        while written < part.count {
            let count = part.withUnsafeBytes {
                pwrite(
                    descriptor, $0.baseAddress! + written, part.count - written,
                    off_t(number * manifest.partSize + written))
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw FileError(path: file, code: errno) }
            written += count
        }
    }

    /// All parts are there: the bundle. Nil where they do not make what the manifest says.
    func assemble(_ manifest: BundleManifest) throws(FileError) -> [UInt8]? {
        let bytes = try FileBytes.read(partial(manifest.digest), limit: manifest.size)
        unlink(partial(manifest.digest))
        guard ContentDigest(of: bytes) == manifest.digest else { return nil }
        try keep(bytes, manifest.digest)
        return bytes
    }

    private func partial(_ digest: ContentDigest) -> String { "\(path)/\(digest.hexadecimal).parts" }

    // MARK: Inside

    private func prepare() throws(FileError) {
        guard mkdir(path, 0o750) == 0 || errno == EEXIST else { throw FileError(path: path, code: errno) }
    }

    private func names() -> [String] {
        guard let stream = opendir(path) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            names.append(
                withUnsafeBytes(of: &entry.pointee.d_name) {
                    String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
                })
        }
        return names
    }

    private func write(_ bytes: [UInt8], to file: String) throws(FileError) {
        let new = "\(file).new"
        try FileBytes.write(bytes, to: new, mode: 0o640)
        guard rename(new, file) == 0 else { throw FileError(path: file, code: errno) }
        try FileBytes.syncFolder(path)
    }
}
