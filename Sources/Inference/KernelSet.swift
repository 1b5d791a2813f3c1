internal import CKernels

/// One variant of the int8 kernels; the Swift face of the C dispatch table. All variants give the same bytes.
package struct KernelSet: Sendable {
    /// A table in static memory that nothing writes.
    nonisolated(unsafe) let table: UnsafePointer<sedge_kernels>

    /// The specification; it runs everywhere.
    package static let scalar = try! select("scalar")

    /// The variant called `name`; for nil or "auto" the one that the environment's `SEDGE_KERNEL` names, or else the
    /// best that this processor runs.
    package static func select(_ name: String?) throws(KernelError) -> KernelSet {
        var error = sedge_kernel_error()
        guard let table = sedge_kernels_select(name, &error) else {
            throw KernelError(
                description: withUnsafeBytes(of: error.text) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) })
        }
        return KernelSet(table: table)
    }

    /// The names of what this processor runs, best first.
    package static var available: [String] {
        var names: [String] = []
        while let table = sedge_kernels_at(names.count) { names.append(String(cString: table.pointee.name)) }
        return names
    }

    package var name: String { String(cString: table.pointee.name) }
}

/// A kernel that is unknown or can not run here; the text lists what can.
package struct KernelError: Error, CustomStringConvertible, Equatable {
    package let description: String
}
