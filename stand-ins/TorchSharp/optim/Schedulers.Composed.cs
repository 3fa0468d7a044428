namespace TorchSharp;

public static partial class torch
{
    public static partial class optim
    {
        public static partial class lr_scheduler
        {
            public static partial class impl
            {
                /// <summary>Several schedulers at once, each on the rates of the one before.</summary>
                public class ChainedLR : LRScheduler
                {
                    private readonly LRScheduler[] _schedulers;

                    public ChainedLR(IEnumerable<LRScheduler> schedulers)
                    {
                        _schedulers = schedulers.ToArray();
                        if (_schedulers.Length == 0) throw new ArgumentException("at least one scheduler is needed", nameof(schedulers));
                        KeepLast(_schedulers[^1].get_last_lr());
                    }

                    public override void step()
                    {
                        foreach (LRScheduler scheduler in _schedulers) scheduler.step();
                        KeepLast(_schedulers[^1].get_last_lr());
                    }
                }

                /// <summary>One scheduler after the other, the next one from each milestone on, starting anew there.</summary>
                public class SequentialLR : LRScheduler
                {
                    private readonly LRScheduler[] _schedulers;
                    private readonly int[] _milestones;

                    public SequentialLR(Optimizer optimizer, IEnumerable<LRScheduler> schedulers, IEnumerable<int> milestones, int last_epoch = -1)
                        : base(optimizer, last_epoch)
                    {
                        _schedulers = schedulers.ToArray();
                        _milestones = milestones.ToArray();
                        if (_milestones.Length != _schedulers.Length - 1)
                            throw new ArgumentException($"{_schedulers.Length} schedulers need {_schedulers.Length - 1} milestones, but got {_milestones.Length}", nameof(milestones));
                        LastEpoch = last_epoch + 1;
                        // The construction of each scheduler has moved the rates: undo that, and begin with the first alone.
                        foreach (ILearningRateController group in Groups) group.LearningRate = group.InitialLearningRate;
                        foreach (LRScheduler scheduler in _schedulers) scheduler.LastEpoch--;
                        _schedulers[0].step();
                        KeepLast(_schedulers[0].get_last_lr());
                    }

                    public override void step()
                    {
                        LastEpoch++;
                        int index = _milestones.Count(m => m <= LastEpoch);
                        LRScheduler scheduler = _schedulers[index];
                        if (index > 0 && _milestones[index - 1] == LastEpoch) scheduler.step(0);
                        else scheduler.step();
                        KeepLast(scheduler.get_last_lr());
                    }

                    protected override IEnumerable<double> get_lr() => get_last_lr();
                }

                /// <summary>Times factor when a measure has not improved for more than patience steps.</summary>
                public class ReduceLROnPlateau : LRScheduler
                {
                    private readonly bool _smaller;
                    private readonly bool _relative;
                    private readonly double _factor;
                    private readonly int _patience;
                    private readonly double _threshold;
                    private readonly int _cooldown;
                    private readonly double[] _min;
                    private readonly double _eps;
                    private double _best;
                    private int _bad;
                    private int _cooling;

                    public ReduceLROnPlateau(Optimizer optimizer, string mode = "min", double factor = 0.1, int patience = 10, double threshold = 0.0001,
                        string threshold_mode = "rel", int cooldown = 0, IList<double>? min_lr = null, double eps = 1E-08, bool verbose = false)
                        : base(optimizer, -1, verbose)
                    {
                        if (factor >= 1) throw new ArgumentException($"factor is {factor}, must be below 1", nameof(factor));
                        if (mode is not ("min" or "max")) throw new ArgumentException($"mode is '{mode}', min and max are allowed", nameof(mode));
                        if (threshold_mode is not ("rel" or "abs")) throw new ArgumentException($"threshold_mode is '{threshold_mode}', rel and abs are allowed", nameof(threshold_mode));
                        _smaller = mode == "min";
                        _relative = threshold_mode == "rel";
                        _factor = factor;
                        _patience = patience;
                        _threshold = threshold;
                        _cooldown = cooldown;
                        _eps = eps;
                        int groups = Groups.Length;
                        _min = min_lr is null ? new double[groups] : min_lr.Count == 1 ? Enumerable.Repeat(min_lr[0], groups).ToArray() : min_lr.ToArray();
                        if (_min.Length != groups) throw new ArgumentException($"expected {groups} min_lrs, got {_min.Length}", nameof(min_lr));
                        _best = _smaller ? double.PositiveInfinity : double.NegativeInfinity;
                        LastEpoch = 0;
                        KeepLast(Rates);
                    }

                    public override void step() => throw new InvalidOperationException("step() needs the current value of the measure.");

                    public override void step(int? epoch) => throw new InvalidOperationException("step() needs the current value of the measure.");

                    public override void step(double current, int? epoch = null)
                    {
                        LastEpoch = epoch ?? LastEpoch + 1;
                        bool better = Better(current);
                        if (better) _best = current;
                        _bad = better ? 0 : _bad + 1;
                        if (_cooling > 0)
                        {
                            _cooling--;
                            _bad = 0;
                        }
                        if (_bad > _patience)
                        {
                            Apply(Rates.Select((rate, i) => Math.Max(rate * _factor, _min[i]) is var next && rate - next > _eps ? next : rate));
                            _cooling = _cooldown;
                            _bad = 0;
                        }
                        KeepLast(Rates);
                    }

                    private bool Better(double a) => (_smaller, _relative) switch
                    {
                        (true, true) => a < _best * (1 - _threshold),
                        (true, false) => a < _best - _threshold,
                        (false, true) => a > _best * (1 + _threshold),
                        _ => a > _best + _threshold,
                    };
                }
            }
        }
    }
}
