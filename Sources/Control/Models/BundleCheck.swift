package import Inference
import SedgeCore

/// Whether some bytes are a bundle that this machine runs as it was made.
package enum BundleCheck {
    /// Reads it, checks all that can be checked, and runs its self-test on the kernels in use.
    package static func check(_ bytes: [UInt8], kernels: KernelSet) throws(Refusal) -> EncoderBundle {
        do {
            let bundle = try EncoderBundle(bytes: bytes)
            try bundle.selfTest(kernels: kernels)
            return bundle
        } catch {
            throw .unusable("the bundle: \(error)")
        }
    }
}
