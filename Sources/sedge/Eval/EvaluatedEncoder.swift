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
        bundle = try BenchBundle.read(name)
        kernels = try KernelSet.named(nil)
        do {
            try bundle.selfTest(kernels: kernels)
            twin = try ModelBundle.random(
                architecture: bundle.architecture, seed: 1, preprocessing: bundle.preprocessing, name: "random")
        } catch {
            throw Failure(.data, "\(name) can not be evaluated: \(error)")
        }
    }

    var facts: [(name: String, value: String)] {
        [("encoder", bundle.fingerprint), ("trained on", Self.data(of: bundle)), ("kernels", kernels.name)]
    }

    /// What it has seen, as its bundle says: whether the set may be among it.
    static func data(of bundle: ModelBundle) -> String {
        struct Provenance: Decodable { var data: String? }
        let said = try? PayloadJSON.decode(Provenance.self, from: Array(bundle.training.utf8)).data
        guard let data = said else { return "what its bundle does not say: this set may be among it" }
        return data == TrainCommand.generatedData
            ? "generated signals alone: it never saw this set, and the columns of seen and unseen are one"
            : "\(data): this set may be among it"
    }

    /// The agent with this encoder, with its twin, and with this encoder but nothing learned behind the training rows;
    /// with tier 2, where asked.
    func detectors(hop: Int, tiers: Bool = false) -> [any Detector] {
        let name = "sedge, \(bundle.name)"
        func agent(_ name: String, _ bundle: ModelBundle, _ tier: AdaptationTier = .learners) -> AgentDetector {
            AgentDetector(
                name: name, bundle: bundle, kernels: kernels, settings: AgentSettings(hop: hop, tier: tier))
        }
        return [
            agent(name, bundle), agent(MethodKind.randomWeights, twin), agent(MethodKind.frozen, bundle, .off),
        ] + (tiers ? [agent("\(name), tier 2", bundle, .replay)] : [])
    }
}
