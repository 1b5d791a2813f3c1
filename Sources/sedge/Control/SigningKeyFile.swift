import Control
import SedgeCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A private key in a file that its owner alone may read.
enum SigningKeyFile {
    static let mode: UInt32 = 0o600

    /// Refuses a file that others may read: whoever reads it can change every node.
    static func read(_ path: String) throws(Failure) -> SigningKey {
        var status = stat()
        guard stat(path, &status) == 0 else { throw .system("read", path: path) }
        guard status.st_mode & 0o077 == 0 else {
            let rights = String(status.st_mode & 0o777, radix: 8)
            throw Failure(.configuration, "\(path) has rights \(rights), expected 600: run chmod 600 \(path)")
        }
        let text = String(decoding: try FileBytes.contents(of: path, limit: 65_536), as: UTF8.self)
        guard let key = SigningKey(fileText: text) else {
            throw Failure(.data, "\(path) holds no private key, expected what sedge keys new writes")
        }
        return key
    }

    /// Never over a file that is there: a key can not be made again.
    static func write(_ key: SigningKey, to path: String) throws(Failure) {
        guard !FileBytes.exists(path) else {
            throw Failure(.io, "\(path) is there already and is not replaced: a key can not be made again")
        }
        do {
            try FileBytes.write(Array(key.fileText.utf8), to: path, mode: mode)
        } catch {
            throw Failure(.io, "cannot write \(error)")
        }
    }

    /// A public key, from its text or from a private key's file.
    static func trusted(_ text: String) throws(Failure) -> TrustedKey {
        if let key = TrustedKey(text) { return key }
        guard !text.hasPrefix(TrustedKey.prefix) else {
            throw Failure(.data, "\"\(text)\" is no public key, expected ed25519: and 44 characters")
        }
        return try read(text).trusted
    }
}
