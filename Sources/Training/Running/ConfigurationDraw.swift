import Learning
import SedgeCore

/// Draws configurations near a given one: what a search tries.
package struct ConfigurationDraw: Sendable {
    private let base: PretrainingConfiguration

    package init(_ base: PretrainingConfiguration) { self.base = base }

    /// The base itself as number 0; then the rate, the weights of the tasks that it has, and how much views differ, each
    /// by a random factor. The same seed and number give the same.
    package func configuration(_ number: Int) -> PretrainingConfiguration {
        guard number > 0 else { return base }
        var random = SeededRandom(seed: base.seed ^ 0x5EED_0000_0000_0007 &+ UInt64(number) &* 0x9E37_79B9_7F4A_7C15)
        var drawn = base
        drawn.peakRate *= Float(random.logUniform(0.25, 3))
        for (_, weight) in PretextTasks.names where drawn.tasks[keyPath: weight] > 0 {
            drawn.tasks[keyPath: weight] *= Float(random.logUniform(0.3, 3))
        }
        var views = drawn.recipe.augmentation
        views.scale = min(100, 1 + (views.scale - 1) * random.logUniform(0.3, 3))
        views.jitter = min(10, views.jitter * random.logUniform(0.3, 3))
        views.maskShare = random.uniform(0.2, 1)
        views.foreignShare = random.uniform(0, 0.5)
        drawn.recipe.augmentation = views
        return drawn
    }
}
