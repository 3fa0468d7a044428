namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public Tensor bernoulli(Generator? generator = null) => Aten.bernoulli.T(this, generator);
        public Tensor bernoulli_(double p = 0.5, Generator? generator = null) => Aten.bernoulli__float.In(this, p, generator);
        public Tensor bernoulli_(Tensor p, Generator? generator = null) => Aten.bernoulli__Tensor.In(this, p, generator);
        public Tensor binomial(Tensor prob, Generator? generator = null) => Aten.binomial.T(this, prob, generator);
        public Tensor cauchy_(double median = 0, double sigma = 1, Generator? generator = null) => Aten.cauchy_.In(this, median, sigma, generator);
        public Tensor exponential_(double lambda = 1, Generator? generator = null) => Aten.exponential_.In(this, lambda, generator);
        public Tensor geometric_(double p, Generator? generator = null) => Aten.geometric_.In(this, p, generator);
        public Tensor log_normal_(double mean = 0, double std = 1, Generator? generator = null) => Aten.log_normal_.In(this, mean, std, generator);
        public Tensor multinomial(long num_samples, bool replacement = false, Generator? generator = null) => Aten.multinomial.T(this, num_samples, replacement, generator);
        public Tensor normal_(double mean = 0, double std = 1, Generator? generator = null) => Aten.normal_.In(this, mean, std, generator);
        public Tensor poisson(Generator? generator = null) => Aten.poisson.T(this, generator);
        public Tensor uniform_(double from, double to, Generator? generator = null) => Aten.uniform_.In(this, from, to, generator);
    }
}

internal static partial class Aten
{
    internal static readonly Op bernoulli = new("bernoulli");
    internal static readonly Op bernoulli__float = new("bernoulli_", "float");
    internal static readonly Op bernoulli__Tensor = new("bernoulli_", "Tensor");
    internal static readonly Op binomial = new("binomial");
    internal static readonly Op cauchy_ = new("cauchy_");
    internal static readonly Op exponential_ = new("exponential_");
    internal static readonly Op geometric_ = new("geometric_");
    internal static readonly Op log_normal_ = new("log_normal_");
    internal static readonly Op multinomial = new("multinomial");
    internal static readonly Op normal_ = new("normal_");
    internal static readonly Op poisson = new("poisson");
    internal static readonly Op uniform_ = new("uniform_");
}
