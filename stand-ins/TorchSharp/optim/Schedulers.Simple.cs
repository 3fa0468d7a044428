namespace TorchSharp;

public static partial class torch
{
    public static partial class optim
    {
        public static partial class lr_scheduler
        {
            public static partial class impl
            {
                /// <summary>The base rate times a function of the step.</summary>
                public class LambdaLR : LRScheduler
                {
                    private readonly Func<int, double>[] _factors;

                    public LambdaLR(Optimizer optimizer, Func<int, double> lr_lambda, int last_epoch = -1, bool verbose = false)
                        : this(optimizer, Enumerable.Repeat(lr_lambda, optimizer.ParamGroups.Count()), last_epoch, verbose)
                    {
                    }

                    public LambdaLR(Optimizer optimizer, IEnumerable<Func<int, double>> lr_lambdas, int last_epoch = -1, bool verbose = false)
                        : base(optimizer, last_epoch, verbose)
                    {
                        _factors = One(lr_lambdas, Groups.Length);
                        step();
                    }

                    protected override IEnumerable<double> get_lr() => BaseRates.Select((rate, i) => rate * _factors[i](LastEpoch));
                }

                /// <summary>The rate before times a function of the step.</summary>
                public class MultiplicativeLR : LRScheduler
                {
                    private readonly Func<int, double>[] _factors;

                    public MultiplicativeLR(Optimizer optimizer, Func<int, double> lr_lambda, int last_epoch = -1, bool verbose = false)
                        : this(optimizer, Enumerable.Repeat(lr_lambda, optimizer.ParamGroups.Count()), last_epoch, verbose)
                    {
                    }

                    public MultiplicativeLR(Optimizer optimizer, IEnumerable<Func<int, double>> lr_lambdas, int last_epoch = -1, bool verbose = false)
                        : base(optimizer, last_epoch, verbose)
                    {
                        _factors = One(lr_lambdas, Groups.Length);
                        step();
                    }

                    protected override IEnumerable<double> get_lr() =>
                        LastEpoch > 0 ? Rates.Select((rate, i) => rate * _factors[i](LastEpoch)) : Rates;
                }

                private static Func<int, double>[] One(IEnumerable<Func<int, double>> lambdas, int groups)
                {
                    Func<int, double>[] each = lambdas.ToArray();
                    return each.Length == groups ? each : throw new ArgumentException($"Expected {groups} lr_lambdas, but got {each.Length}", nameof(lambdas));
                }

                /// <summary>Times gamma every step_size steps.</summary>
                public class StepLR : LRScheduler
                {
                    private readonly int _size;
                    private readonly double _gamma;

                    public StepLR(Optimizer optimizer, int step_size, double gamma = 0.1, int last_epoch = -1, bool verbose = false)
                        : base(optimizer, last_epoch, verbose)
                    {
                        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(step_size);
                        _size = step_size;
                        _gamma = gamma;
                        step();
                    }

                    protected override IEnumerable<double> get_lr() =>
                        LastEpoch == 0 || LastEpoch % _size != 0 ? Rates : Rates.Select(rate => rate * _gamma);

                    protected override IEnumerable<double> get_closed_form_lr() => BaseRates.Select(rate => rate * Math.Pow(_gamma, LastEpoch / _size));
                }

                /// <summary>Times gamma at each milestone (twice at one that is named twice).</summary>
                public class MultiStepLR : LRScheduler
                {
                    private readonly IList<int> _milestones;
                    private readonly double _gamma;

                    public MultiStepLR(Optimizer optimizer, IList<int> milestones, double gamma = 0.1, int last_epoch = -1, bool verbose = false)
                        : base(optimizer, last_epoch, verbose)
                    {
                        _milestones = milestones;
                        _gamma = gamma;
                        step();
                    }

                    protected override IEnumerable<double> get_lr()
                    {
                        int times = _milestones.Count(m => m == LastEpoch);
                        return times == 0 ? Rates : Rates.Select(rate => rate * Math.Pow(_gamma, times));
                    }

                    protected override IEnumerable<double> get_closed_form_lr()
                    {
                        int times = _milestones.Count(m => m <= LastEpoch);
                        return BaseRates.Select(rate => rate * Math.Pow(_gamma, times));
                    }
                }

                /// <summary>Times gamma at every step.</summary>
                public class ExponentialLR : LRScheduler
                {
                    private readonly double _gamma;

                    public ExponentialLR(Optimizer optimizer, double gamma = 0.1, int last_epoch = -1, bool verbose = false)
                        : base(optimizer, last_epoch, verbose)
                    {
                        _gamma = gamma;
                        step();
                    }

                    protected override IEnumerable<double> get_lr() => LastEpoch == 0 ? Rates : Rates.Select(rate => rate * _gamma);

                    protected override IEnumerable<double> get_closed_form_lr() => BaseRates.Select(rate => rate * Math.Pow(_gamma, LastEpoch));
                }

                /// <summary>Times factor during the first total_iters steps, then the full rate.</summary>
                public class ConstantLR : LRScheduler
                {
                    private readonly double _factor;
                    private readonly int _iterations;

                    public ConstantLR(Optimizer optimizer, double factor = 1.0 / 3, int total_iters = 5, int last_epoch = -1, bool verbose = false)
                        : base(optimizer, last_epoch, verbose)
                    {
                        if (!(factor is >= 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(factor), factor, "0 to 1 is allowed");
                        _factor = factor;
                        _iterations = total_iters;
                        step();
                    }

                    protected override IEnumerable<double> get_lr() =>
                        LastEpoch == 0 ? Rates.Select(rate => rate * _factor)
                        : LastEpoch == _iterations ? Rates.Select(rate => rate / _factor)
                        : Rates;

                    protected override IEnumerable<double> get_closed_form_lr() => BaseRates.Select(rate => rate * (LastEpoch >= _iterations ? 1 : _factor));
                }

                /// <summary>From start_factor to end_factor of the rate in a straight line over total_iters steps.</summary>
                public class LinearLR : LRScheduler
                {
                    private readonly double _start;
                    private readonly double _end;
                    private readonly int _iterations;

                    public LinearLR(Optimizer optimizer, double start_factor = 1.0 / 3, double end_factor = 1, int total_iters = 5, int last_epoch = -1, bool verbose = false)
                        : base(optimizer, last_epoch, verbose)
                    {
                        if (!(start_factor is > 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(start_factor), start_factor, "above 0 to 1 is allowed");
                        if (!(end_factor is >= 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(end_factor), end_factor, "0 to 1 is allowed");
                        _start = start_factor;
                        _end = end_factor;
                        _iterations = total_iters;
                        step();
                    }

                    protected override IEnumerable<double> get_lr()
                    {
                        if (LastEpoch == 0) return Rates.Select(rate => rate * _start);
                        if (LastEpoch > _iterations) return Rates;
                        double change = (_end - _start) / ((_iterations * _start) + ((LastEpoch - 1) * (_end - _start)));
                        return Rates.Select(rate => rate * (1 + change));
                    }

                    protected override IEnumerable<double> get_closed_form_lr() =>
                        BaseRates.Select(rate => rate * (_start + ((_end - _start) * Math.Min(_iterations, LastEpoch) / _iterations)));
                }

                /// <summary>To zero over total_iters steps, as a power of what is left.</summary>
                public class PolynomialLR : LRScheduler
                {
                    private readonly int _iterations;
                    private readonly double _power;

                    public PolynomialLR(Optimizer optimizer, int total_iters = 5, double power = 1, int last_epoch = -1, bool verbose = false)
                        : base(optimizer, last_epoch, verbose)
                    {
                        _iterations = total_iters;
                        _power = power;
                        step();
                    }

                    protected override IEnumerable<double> get_lr()
                    {
                        if (LastEpoch == 0 || LastEpoch > _iterations) return Rates;
                        double change = Math.Pow((1.0 - ((double)LastEpoch / _iterations)) / (1.0 - ((double)(LastEpoch - 1) / _iterations)), _power);
                        return Rates.Select(rate => rate * change);
                    }

                    protected override IEnumerable<double> get_closed_form_lr() =>
                        BaseRates.Select(rate => rate * Math.Pow(1.0 - ((double)Math.Min(_iterations, LastEpoch) / _iterations), _power));
                }

                /// <summary>Half a cosine from the base rate to eta_min over T_max steps, and back (Loshchilov and Hutter 2017).</summary>
                public class CosineAnnealingLR : LRScheduler
                {
                    private readonly double _half;
                    private readonly double _min;

                    public CosineAnnealingLR(Optimizer optimizer, double T_max, double eta_min = 0, int last_epoch = -1, bool verbose = false)
                        : base(optimizer, last_epoch, verbose)
                    {
                        _half = T_max;
                        _min = eta_min;
                        step();
                    }

                    private double Cos(double at) => Math.Cos(Math.PI * at / _half);

                    protected override IEnumerable<double> get_lr()
                    {
                        if (LastEpoch == 0) return Rates;
                        // At a minimum the ratio below is 0/0: one step up from it directly.
                        if ((LastEpoch - 1 - _half) % (2 * _half) == 0)
                            return Rates.Select((rate, i) => rate + ((BaseRates[i] - _min) * (1 - Math.Cos(Math.PI / _half)) / 2));
                        return Rates.Select(rate => ((1 + Cos(LastEpoch)) / (1 + Cos(LastEpoch - 1)) * (rate - _min)) + _min);
                    }

                    protected override IEnumerable<double> get_closed_form_lr() =>
                        BaseRates.Select(rate => _min + ((rate - _min) * (1 + Cos(LastEpoch)) / 2));
                }
            }
        }
    }
}
