using static TorchSharp.torch;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        /// <summary>Starting values. Each fills its tensor in place, without recording gradients, and returns it.</summary>
        public static partial class init
        {
            public enum FanInOut { FanIn = 0, FanOut = 1 }

            public enum NonlinearityType
            {
                Linear = 0, Conv1D = 1, Conv2D = 2, Conv3D = 3, ConvTranspose1D = 4, ConvTranspose2D = 5, ConvTranspose3D = 6,
                Sigmoid = 7, Tanh = 8, ReLU = 9, LeakyReLU = 10,
            }

            /// <summary>The factor that keeps the variance through a nonlinearity; param is LeakyReLU's slope.</summary>
            public static double calculate_gain(NonlinearityType nonlinearity, double param = 0) => nonlinearity switch
            {
                NonlinearityType.Tanh => 5.0 / 3.0,
                NonlinearityType.ReLU => Math.Sqrt(2),
                NonlinearityType.LeakyReLU => Math.Sqrt(2 / (1 + (param * param))),
                _ => 1,
            };

            /// <summary>Inputs and outputs per unit of a weight [out, in, spatial...].</summary>
            public static (long fanIn, long fanOut) CalculateFanInAndFanOut(Tensor tensor)
            {
                long[] shape = tensor.shape;
                if (shape.Length < 2)
                    throw new ArgumentException("Fan in and fan out can not be computed for tensor with fewer than 2 dimensions", nameof(tensor));
                long field = 1;
                for (int i = 2; i < shape.Length; i++) field *= shape[i];
                return (shape[1] * field, shape[0] * field);
            }

            private static Tensor Fill(Tensor tensor, Action<Tensor> fill)
            {
                using (no_grad()) fill(tensor);
                return tensor;
            }

            public static Tensor constant_(Tensor tensor, Scalar val) => Fill(tensor, t => t.fill_(val));

            public static Tensor zeros_(Tensor tensor) => Fill(tensor, t => t.zero_());

            public static Tensor ones_(Tensor tensor) => Fill(tensor, t => t.fill_(1));

            public static Tensor uniform_(Tensor tensor, double low = 0, double high = 1, Generator? generator = null) =>
                Fill(tensor, t => t.uniform_(low, high, generator));

            public static Tensor normal_(Tensor tensor, double mean = 0, double std = 1, Generator? generator = null) =>
                Fill(tensor, t => t.normal_(mean, std, generator));

            /// <summary>Normal values, those outside a to b drawn again (by the inverse distribution function).</summary>
            public static Tensor trunc_normal_(Tensor tensor, double mean = 0, double std = 1, double a = -2, double b = 2, Generator? generator = null)
            {
                double low = NormalCdf((a - mean) / std);
                double high = NormalCdf((b - mean) / std);
                return Fill(tensor, t =>
                {
                    t.uniform_((2 * low) - 1, (2 * high) - 1, generator);
                    t.erfinv_();
                    t.mul_(std * Math.Sqrt(2)).add_(mean);
                    t.clamp_((Scalar)a, (Scalar)b);
                });
            }

            private static double NormalCdf(double x)
            {
                using Tensor t = torch.tensor(x / Math.Sqrt(2), dtype: ScalarType.Float64);
                using Tensor e = t.erf();
                return (1 + e.item<double>()) / 2;
            }

            /// <summary>Uniform within sqrt(3) gain / sqrt(fan), He et al. 2015.</summary>
            public static Tensor kaiming_uniform_(Tensor tensor, double a = 0, FanInOut mode = FanInOut.FanIn,
                NonlinearityType nonlinearity = NonlinearityType.LeakyReLU)
            {
                double bound = Math.Sqrt(3) * calculate_gain(nonlinearity, a) / Math.Sqrt(Fan(tensor, mode));
                return uniform_(tensor, -bound, bound);
            }

            public static Tensor kaiming_normal_(Tensor tensor, double a = 0, FanInOut mode = FanInOut.FanIn,
                NonlinearityType nonlinearity = NonlinearityType.LeakyReLU) =>
                normal_(tensor, 0, calculate_gain(nonlinearity, a) / Math.Sqrt(Fan(tensor, mode)));

            private static long Fan(Tensor tensor, FanInOut mode)
            {
                (long fanIn, long fanOut) = CalculateFanInAndFanOut(tensor);
                return mode == FanInOut.FanIn ? fanIn : fanOut;
            }

            /// <summary>Uniform within gain sqrt(6 / (fan in + fan out)), Glorot and Bengio 2010.</summary>
            public static Tensor xavier_uniform_(Tensor tensor, double gain = 1)
            {
                (long fanIn, long fanOut) = CalculateFanInAndFanOut(tensor);
                double bound = gain * Math.Sqrt(6.0 / (fanIn + fanOut));
                return uniform_(tensor, -bound, bound);
            }

            public static Tensor xavier_normal_(Tensor tensor, double gain = 1)
            {
                (long fanIn, long fanOut) = CalculateFanInAndFanOut(tensor);
                return normal_(tensor, 0, gain * Math.Sqrt(2.0 / (fanIn + fanOut)));
            }

            public static Tensor glorot_uniform_(Tensor tensor, double gain = 1) => xavier_uniform_(tensor, gain);

            public static Tensor glorot_normal_(Tensor tensor, double gain = 1) => xavier_normal_(tensor, gain);
        }
    }
}
