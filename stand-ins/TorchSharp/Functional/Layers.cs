namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public static partial class functional
        {
            public static Tensor linear(Tensor input, Tensor weights, Tensor? bias = null) => Aten.linear.T(input, weights, bias);
            public static Tensor bilinear(Tensor input1, Tensor input2, Tensor weight, Tensor? bias = null) => Aten.bilinear.T(input1, input2, weight, bias);

            public static Tensor conv1d(Tensor input, Tensor weight, Tensor? bias = null, long? stride = null, long? padding = null, long? dilation = null, long groups = 1) =>
                Aten.conv1d.T(input, weight, bias, One(stride, 1), One(padding, 0), One(dilation, 1), groups);

            public static Tensor conv1d_padding(Tensor input, Tensor weight, Tensor? bias = null, long? stride = null, Padding padding = Padding.Valid, long? dilation = null, long groups = 1) =>
                Aten.conv1d_padding.T(input, weight, bias, One(stride, 1), Name(padding), One(dilation, 1), groups);

            public static Tensor conv2d(Tensor input, Tensor weight, Tensor? bias = null, long[]? strides = null, long[]? padding = null, long[]? dilation = null, long groups = 1) =>
                Aten.conv2d.T(input, weight, bias, strides ?? Ones2, padding ?? Zeros2, dilation ?? Ones2, groups);

            public static Tensor conv2d_padding(Tensor input, Tensor weight, Tensor? bias = null, long[]? strides = null, Padding padding = Padding.Valid, long[]? dilation = null, long groups = 1) =>
                Aten.conv2d_padding.T(input, weight, bias, strides ?? Ones2, Name(padding), dilation ?? Ones2, groups);

            public static Tensor conv3d(Tensor input, Tensor weight, Tensor? bias = null, long[]? strides = null, long[]? padding = null, long[]? dilation = null, long groups = 1) =>
                Aten.conv3d.T(input, weight, bias, strides ?? Ones3, padding ?? Zeros3, dilation ?? Ones3, groups);

            public static Tensor conv3d_padding(Tensor input, Tensor weight, Tensor? bias = null, long[]? strides = null, Padding padding = Padding.Valid, long[]? dilation = null, long groups = 1) =>
                Aten.conv3d_padding.T(input, weight, bias, strides ?? Ones3, Name(padding), dilation ?? Ones3, groups);

            public static Tensor conv_transpose3d(Tensor input, Tensor weight, Tensor? bias = null, long[]? strides = null, long[]? padding = null, long[]? output_padding = null, long[]? dilation = null, long groups = 1) =>
                Aten.conv_transpose3d_input.T(input, weight, bias, strides ?? Ones3, padding ?? Zeros3, output_padding ?? Zeros3, groups, dilation ?? Ones3);

            public static Tensor conv_transpose1d(Tensor input, Tensor weight, Tensor? bias = null, long? stride = null, long? padding = null, long? output_padding = null, long? dilation = null, long groups = 1) =>
                Aten.conv_transpose1d.T(input, weight, bias, One(stride, 1), One(padding, 0), One(output_padding, 0), groups, One(dilation, 1));

            public static Tensor conv_transpose2d(Tensor input, Tensor weight, Tensor? bias = null, long[]? strides = null, long[]? padding = null, long[]? output_padding = null, long[]? dilation = null, long groups = 1) =>
                Aten.conv_transpose2d_input.T(input, weight, bias, strides ?? Ones2, padding ?? Zeros2, output_padding ?? Zeros2, groups, dilation ?? Ones2);

            public static Tensor layer_norm(Tensor input, long[] normalized_shape, Tensor? weight = null, Tensor? bias = null, double eps = 1E-05) =>
                Aten.layer_norm.T(input, normalized_shape, weight, bias, eps);

            public static Tensor group_norm(Tensor input, long num_groups, Tensor? weight = null, Tensor? bias = null, double eps = 1E-05) =>
                Aten.group_norm.T(input, num_groups, weight, bias, eps);

            public static Tensor batch_norm(Tensor input, Tensor running_mean, Tensor running_var, Tensor? weight = null, Tensor? bias = null, bool training = false, double momentum = 0.1, double eps = 1E-05) =>
                Aten.batch_norm.T(input, weight, bias, running_mean, running_var, training, momentum, eps, true);

            public static Tensor instance_norm(Tensor input, Tensor? running_mean = null, Tensor? running_var = null, Tensor? weight = null, Tensor? bias = null, bool use_input_stats = true, double momentum = 0.1, double eps = 1E-05) =>
                Aten.instance_norm.T(input, weight, bias, running_mean, running_var, use_input_stats, momentum, eps, true);

            public static Tensor normalize(Tensor input, double p = 2, long dim = 1, double eps = 1E-12)
            {
                using DisposeScope scope = NewDisposeScope();
                Tensor length = Aten.norm_ScalarOpt_dim.T(input, (Scalar)p, new[] { dim }, true).clamp_min(eps).expand_as(input);
                return input.div(length).MoveToOuterDisposeScope();
            }

            public static Tensor dropout(Tensor input, double p = 0.5, bool training = true, bool inplace = false) =>
                inplace ? Aten.dropout_.In(input, p, training) : Aten.dropout.T(input, p, training);

            public static Tensor dropout1d(Tensor input, double p = 0.5, bool training = true, bool inplace = false) => dropout2d(input, p, training, inplace);

            public static Tensor dropout3d(Tensor input, double p = 0.5, bool training = true, bool inplace = false) => dropout2d(input, p, training, inplace);

            public static Tensor feature_alpha_dropout(Tensor input, double p = 0.5, bool training = false, bool inplace = false) =>
                inplace ? Aten.feature_alpha_dropout_.In(input, p, training) : Aten.feature_alpha_dropout.T(input, p, training);

            public static Tensor dropout2d(Tensor input, double p = 0.5, bool training = true, bool inplace = false) =>
                inplace ? Aten.feature_dropout_.In(input, p, training) : Aten.feature_dropout.T(input, p, training);

            public static Tensor alpha_dropout(Tensor input, double p = 0.5, bool training = false, bool inplace = false) =>
                inplace ? Aten.alpha_dropout_.In(input, p, training) : Aten.alpha_dropout.T(input, p, training);

            public static Tensor one_hot(Tensor x, long num_classes = -1) => Aten.one_hot.T(x, num_classes);

            private static readonly long[] Ones2 = [1, 1];
            private static readonly long[] Zeros2 = [0, 0];
            private static readonly long[] Ones3 = [1, 1, 1];
            private static readonly long[] Zeros3 = [0, 0, 0];

            private static long[] One(long? value, long otherwise) => [value ?? otherwise];
            private static long[] Two((long, long) value) => [value.Item1, value.Item2];
            private static long[] Two(long value) => [value, value];
            private static long[]? Two((long, long)? value) => value is { } v ? Two(v) : null;
            private static string Name(Padding padding) => padding == Padding.Same ? "same" : "valid";
        }
    }
}

internal static partial class Aten
{
    internal static readonly Op linear = new("linear");
    internal static readonly Op bilinear = new("bilinear");
    internal static readonly Op conv1d = new("conv1d");
    internal static readonly Op conv1d_padding = new("conv1d", "padding");
    internal static readonly Op conv2d = new("conv2d");
    internal static readonly Op conv2d_padding = new("conv2d", "padding");
    internal static readonly Op conv3d = new("conv3d");
    internal static readonly Op conv3d_padding = new("conv3d", "padding");
    internal static readonly Op conv_transpose3d_input = new("conv_transpose3d", "input");
    internal static readonly Op conv_transpose1d = new("conv_transpose1d");
    internal static readonly Op conv_transpose2d_input = new("conv_transpose2d", "input");
    internal static readonly Op layer_norm = new("layer_norm");
    internal static readonly Op group_norm = new("group_norm");
    internal static readonly Op batch_norm = new("batch_norm");
    internal static readonly Op instance_norm = new("instance_norm");
    internal static readonly Op dropout = new("dropout");
    internal static readonly Op dropout_ = new("dropout_");
    internal static readonly Op feature_dropout = new("feature_dropout");
    internal static readonly Op feature_dropout_ = new("feature_dropout_");
    internal static readonly Op alpha_dropout = new("alpha_dropout");
    internal static readonly Op alpha_dropout_ = new("alpha_dropout_");
    internal static readonly Op feature_alpha_dropout = new("feature_alpha_dropout");
    internal static readonly Op feature_alpha_dropout_ = new("feature_alpha_dropout_");
    internal static readonly Op one_hot = new("one_hot");
}
