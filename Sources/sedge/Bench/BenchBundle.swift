import Agent
import Inference
import SedgeCore

/// A bundle that was named on the command line.
enum BenchBundle {
    static func read(_ name: String) throws(Failure) -> ModelBundle {
        do {
            return try BundleFile.read(name)
        } catch let error as BundleError {
            throw Failure(.data, "\(error)")
        } catch let error as BundleNotFound {
            throw Failure(.configuration, "--bundle is '\(name)', expected \(error)")
        } catch {
            throw Failure(.io, "\(error)")
        }
    }
}
