import Inference
import SedgeCore

extension KernelSet {
    /// The variant that was asked for, or else the best, or what `SEDGE_KERNEL` names.
    static func named(_ name: String?) throws(Failure) -> KernelSet {
        do {
            return try select(name)
        } catch {
            throw Failure(.configuration, "\(error)")
        }
    }
}
