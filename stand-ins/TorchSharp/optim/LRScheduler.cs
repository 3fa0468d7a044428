namespace TorchSharp;

public static partial class torch
{
    public static partial class optim
    {
        public static partial class lr_scheduler
        {
            /// <summary>Sets the learning rates of an optimiser's groups from step to step.</summary>
            public abstract class LRScheduler
            {
                private readonly bool _verbose;
                private double[] _last = [];

                protected LRScheduler() { }

                /// <summary>Derived constructors end with a call of step(), which sets the first rates.</summary>
                protected LRScheduler(Optimizer optimizer, int last_epoch = -1, bool verbose = false)
                {
                    Optimizer = optimizer;
                    LastEpoch = last_epoch;
                    _verbose = verbose;
                    Groups = optimizer.ParamGroups.ToArray();
                    BaseRates = Groups.Select(g => g.InitialLearningRate).ToArray();
                }

                private protected Optimizer? Optimizer { get; }

                private protected ILearningRateController[] Groups { get; } = [];

                private protected double[] BaseRates { get; } = [];

                internal int LastEpoch { get; set; }

                private protected IEnumerable<double> Rates => Groups.Select(g => g.LearningRate);

                public virtual void step() => step(null);

                /// <summary>The next step, or (if given) directly the rates of that one.</summary>
                public virtual void step(int? epoch)
                {
                    LastEpoch = epoch ?? LastEpoch + 1;
                    Apply(epoch is null ? get_lr() : get_closed_form_lr());
                }

                public virtual void step(double current, int? epoch = null) => step(epoch);

                private protected void Apply(IEnumerable<double> rates)
                {
                    double[] values = rates.ToArray();
                    for (int i = 0; i < values.Length; i++)
                    {
                        if (_verbose && (i >= _last.Length || _last[i] != values[i]))
                            Console.WriteLine($"Adjusting learning rate of group {i} to {values[i]}");
                        Groups[i].LearningRate = values[i];
                    }
                    _last = values;
                }

                /// <summary>The rates of the last step, one a group.</summary>
                public IEnumerable<double> get_last_lr() => _last;

                private protected void KeepLast(IEnumerable<double> rates) => _last = rates.ToArray();

                /// <summary>The rates of LastEpoch, from those of the step before.</summary>
                protected virtual IEnumerable<double> get_lr() => BaseRates;

                /// <summary>The rates of LastEpoch, from nothing else.</summary>
                protected virtual IEnumerable<double> get_closed_form_lr() => get_lr();
            }
        }
    }
}
