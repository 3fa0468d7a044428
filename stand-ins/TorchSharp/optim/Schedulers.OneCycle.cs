using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class optim
    {
        public static partial class lr_scheduler
        {
            public static partial class impl
            {
                /// <summary>Up to the largest rate and down to nearly nothing in one cycle (Smith and Topin 2018), the momentum the other way.</summary>
                public class OneCycleLR : LRScheduler
                {
                    public enum AnnealStrategy { Cos = 0, Linear = 1 }

                    private readonly record struct Phase(double End, int From, int To);

                    private readonly Phase[] _phases;
                    // [group][0: initial, 1: largest, 2: smallest]
                    private readonly double[][] _rates;
                    private readonly double[]? _lowMomenta;
                    private readonly double[]? _highMomenta;
                    private readonly AnnealStrategy _strategy;
                    private readonly int _total;

                    public OneCycleLR(Optimizer optimizer, double max_lr, int total_steps = -1, int epochs = -1, int steps_per_epoch = -1, double pct_start = 0.3,
                        AnnealStrategy anneal_strategy = AnnealStrategy.Cos, bool cycle_momentum = true, double base_momentum = 0.85, double max_momentum = 0.95,
                        double div_factor = 25, double final_div_factor = 10000, bool three_phase = false, int last_epoch = -1, bool verbose = false)
                        : this(optimizer, Each(optimizer, max_lr), total_steps, epochs, steps_per_epoch, pct_start, anneal_strategy, cycle_momentum,
                            Each(optimizer, base_momentum), Each(optimizer, max_momentum), div_factor, final_div_factor, three_phase, last_epoch, verbose)
                    {
                    }

                    public OneCycleLR(Optimizer optimizer, IEnumerable<double> max_lr, int total_steps = -1, int epochs = -1, int steps_per_epoch = -1, double pct_start = 0.3,
                        AnnealStrategy anneal_strategy = AnnealStrategy.Cos, bool cycle_momentum = true, IEnumerable<double>? base_momentum = null,
                        IEnumerable<double>? max_momentum = null, double div_factor = 25, double final_div_factor = 10000, bool three_phase = false,
                        int last_epoch = -1, bool verbose = false)
                        : base(optimizer, last_epoch, verbose)
                    {
                        if (total_steps <= 0 && (epochs <= 0 || steps_per_epoch <= 0))
                            throw new ArgumentException("either total_steps or epochs and steps_per_epoch must be given and positive");
                        if (!(pct_start is >= 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(pct_start), pct_start, "0 to 1 is allowed");
                        _total = total_steps > 0 ? total_steps : epochs * steps_per_epoch;
                        _strategy = anneal_strategy;
                        double top = (pct_start * _total) - 1;
                        _phases = three_phase
                            ? [new(top, 0, 1), new((2 * top), 1, 0), new(_total - 1, 0, 2)]
                            : [new(top, 0, 1), new(_total - 1, 1, 2)];
                        _rates = Checked(max_lr, nameof(max_lr)).Select(largest => new[] { largest / div_factor, largest, largest / div_factor / final_div_factor }).ToArray();
                        if (last_epoch == -1)
                        {
                            for (int i = 0; i < Groups.Length; i++) Groups[i].InitialLearningRate = _rates[i][0];
                        }
                        if (cycle_momentum)
                        {
                            _lowMomenta = Checked(base_momentum ?? Each(optimizer, 0.85), nameof(base_momentum));
                            _highMomenta = Checked(max_momentum ?? Each(optimizer, 0.95), nameof(max_momentum));
                        }
                        step();
                    }

                    private static IEnumerable<double> Each(Optimizer optimizer, double value) => optimizer.ParamGroups.Select(_ => value).ToArray();

                    private double[] Checked(IEnumerable<double> values, string name)
                    {
                        double[] each = values.ToArray();
                        return each.Length == Groups.Length ? each : throw new ArgumentException($"expected {Groups.Length} values for {name}, got {each.Length}", name);
                    }

                    protected override IEnumerable<double> get_lr()
                    {
                        if (LastEpoch > _total)
                            throw new InvalidOperationException($"Tried to step {LastEpoch} times. The specified number of total steps is {_total}");
                        int index = 0;
                        while (index < _phases.Length - 1 && LastEpoch > _phases[index].End) index++;
                        double start = index == 0 ? 0 : _phases[index - 1].End;
                        double part = (LastEpoch - start) / (_phases[index].End - start);
                        Phase phase = _phases[index];
                        if (_lowMomenta is not null)
                        {
                            for (int i = 0; i < Groups.Length; i++)
                            {
                                // The momentum is low where the rate is high; the last value of a cycle is high again.
                                double Momentum(int at) => at == 1 ? _lowMomenta[i] : _highMomenta![i];
                                Momenta.Set(Groups[i], Anneal(Momentum(phase.From), Momentum(phase.To), part));
                            }
                        }
                        return _rates.Select(r => Anneal(r[phase.From], r[phase.To], part));
                    }

                    private double Anneal(double from, double to, double part) => _strategy == AnnealStrategy.Cos
                        ? to + ((from - to) / 2 * (Math.Cos(Math.PI * part) + 1))
                        : ((to - from) * part) + from;
                }
            }
        }
    }
}

/// <summary>A group's momentum: SGD's own, Adam's first decay rate.</summary>
internal static class Momenta
{
    internal static void Set(torch.optim.ILearningRateController group, double momentum)
    {
        switch (group)
        {
            case torch.optim.IMomentum with: with.Momentum = momentum; break;
            case AdamW.ParamGroup adamW: adamW.Betas = (momentum, adamW.Betas.Item2); break;
            case Adam.ParamGroup adam: adam.Betas = (momentum, adam.Betas.Item2); break;
        }
    }
}
