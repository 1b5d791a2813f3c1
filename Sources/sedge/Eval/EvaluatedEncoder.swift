import Agent
import Evaluation
import Inference
import SedgeCore

/// The bundle under evaluation, its random-weight twin, and the kernels that both run on.
struct EvaluatedEncoder {
    let bundle: ModelBundle
    /// The same shape and preprocessing with seeded random weights: what is left without training.
    let twin: ModelBundle
    let kernels: KernelSet

    /// - Throws: a `Failure` where there is no such bundle, or none that the agent would take.
    init(_ name: String) throws {
        do {
            kernels = try KernelSet.select(nil)
            bundle = try BundleFile.read(name)
            try bundle.selfTest(kernels: kernels)
            twin = try ModelBundle.random(
                architecture: bundle.architecture, seed: 1, preprocessing: bundle.preprocessing, name: "random")
        } catch {
            throw Failure(.data, "\(name) can not be evaluated: \(error)")
        }
    }

    var facts: [(name: String, value: String)] {
        [("encoder", bundle.fingerprint), ("kernels", kernels.name)]
    }

    /// The agent with this encoder and with its twin.
    func detectors(hop: Int) -> [any Detector] {
        let settings = AgentSettings(hop: hop)
        return [
            AgentDetector(name: "sedge, \(bundle.name)", bundle: bundle, kernels: kernels, settings: settings),
            AgentDetector(name: MethodKind.randomWeights, bundle: twin, kernels: kernels, settings: settings),
        ]
    }
}
