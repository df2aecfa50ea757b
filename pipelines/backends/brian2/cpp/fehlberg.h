// Runge-Kutta-Fehlberg 4(5) with adaptive steps (Fehlberg 1969), as NEST has it from the GNU
// Scientific Library: the operations and their order are the same, so that results are, too.
//
// `Model` has: enum STATES (the most state variables that it can have), size() (how many it has),
// derivative(y, f), and absolute and relative tolerance. The relative one counts |h dy/dt|.

#include <cfloat>
#include <cmath>

template <class Model>
void try_step(const Model &model, const double *y, double h, const double *k1, double *end,
              double *error)
{
  double k2[Model::STATES], k3[Model::STATES], k4[Model::STATES], k5[Model::STATES];
  double k6[Model::STATES], at[Model::STATES];
  const int n = model.size();

  for (int i = 0; i < n; ++i)
    at[i] = y[i] + 1.0 / 4.0 * h * k1[i];
  model.derivative(at, k2);
  for (int i = 0; i < n; ++i)
    at[i] = y[i] + h * (3.0 / 32.0 * k1[i] + 9.0 / 32.0 * k2[i]);
  model.derivative(at, k3);
  for (int i = 0; i < n; ++i)
    at[i] = y[i] + h * (1932.0 / 2197.0 * k1[i] + -7200.0 / 2197.0 * k2[i]
                        + 7296.0 / 2197.0 * k3[i]);
  model.derivative(at, k4);
  for (int i = 0; i < n; ++i)
    at[i] = y[i] + h * (8341.0 / 4104.0 * k1[i] + -32832.0 / 4104.0 * k2[i]
                        + 29440.0 / 4104.0 * k3[i] + -845.0 / 4104.0 * k4[i]);
  model.derivative(at, k5);
  for (int i = 0; i < n; ++i)
    at[i] = y[i] + h * (-6080.0 / 20520.0 * k1[i] + 41040.0 / 20520.0 * k2[i]
                        + -28352.0 / 20520.0 * k3[i] + 9295.0 / 20520.0 * k4[i]
                        + -5643.0 / 20520.0 * k5[i]);
  model.derivative(at, k6);
  for (int i = 0; i < n; ++i) {
    const double slope = 902880.0 / 7618050.0 * k1[i] + 3953664.0 / 7618050.0 * k3[i]
                         + 3855735.0 / 7618050.0 * k4[i] + -1371249.0 / 7618050.0 * k5[i]
                         + 277020.0 / 7618050.0 * k6[i];
    end[i] = y[i] + h * slope;
    error[i] = h * (1.0 / 360.0 * k1[i] + -128.0 / 4275.0 * k3[i] + -2197.0 / 75240.0 * k4[i]
                    + 1.0 / 50.0 * k5[i] + 2.0 / 55.0 * k6[i]);
  }
}

// The largest ratio of error to tolerance.
template <class Model>
double error_ratio(const Model &model, double h, const double *end, const double *error)
{
  double slope[Model::STATES], largest = DBL_MIN;
  if (model.relative() > 0.0)
    model.derivative(end, slope);
  for (int i = 0; i < model.size(); ++i) {
    double allowed = model.absolute();
    if (model.relative() > 0.0)
      allowed = model.relative() * std::fabs(h * slope[i]) + model.absolute();
    const double ratio = std::fabs(error[i]) / std::fabs(allowed);
    if (ratio > largest)
      largest = ratio;
  }
  return largest;
}

// Take one accepted step from time `t` towards `until`. `step_size` is the size to try first; it is
// set to the size to try in the next step.
template <class Model>
void advance(const Model &model, double *y, double *t, double until, double *step_size)
{
  double k1[Model::STATES], end[Model::STATES], error[Model::STATES];
  const double left = until - *t;
  double h = *step_size, next;
  model.derivative(y, k1);
  for (;;) {
    const bool last = h > left;
    if (last)
      h = left;
    try_step(model, y, h, k1, end, error);
    const double ratio = error_ratio(model, h, end, error);
    const double reached = last ? until : *t + h;
    next = h;
    if (ratio > 1.1) {
      const double shrink = 0.9 / std::pow(ratio, 1.0 / 5.0);
      next = (shrink < 0.2 ? 0.2 : shrink) * h;
      // A step too small to change the time is accepted whatever its error.
      if (next < h && reached + next != reached) {
        h = next;
        continue;
      }
      next = h;
    } else if (ratio < 0.5) {
      // Below 1e-5 it is above 5: no need for the power.
      double grow = ratio < 1e-5 ? 5.0 : 0.9 / std::pow(ratio, 1.0 / 6.0);
      grow = grow > 5.0 ? 5.0 : grow < 1.0 ? 1.0 : grow;
      next = grow * h;
    }
    for (int i = 0; i < model.size(); ++i)
      y[i] = end[i];
    *t = reached;
    *step_size = next;
    return;
  }
}
